import { expect, it } from 'vitest'
import { FieldsOwned } from './api/cluster.ts'
import { tellingRefusals } from './tell-refusals.ts'

it('tells people once what the cluster refuses, with the names of who owns the fields, and again once it went well', async () => {
  const told: object[] = []
  const telling = tellingRefusals({ warn: facts => void told.push(facts) })
  const owned = [{ field: '.spec.rules', manager: 'argocd' }]
  const refused = () => Promise.reject(new FieldsOwned('HTTPRoute web: conflict with "argocd"', owned))
  const shift = async (act: () => Promise<void>) =>
    await telling({ environment: 'prod', service: 'web' }, 'shift users', act).catch(() => undefined)
  await shift(refused)
  await shift(refused)
  expect(told).toEqual([{ service: 'web', error: 'HTTPRoute web: conflict with "argocd"', owned }])
  await shift(() => Promise.resolve())
  await shift(refused)
  expect(told).toHaveLength(2)
})
