import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { createFakeTarget } from '../../test/harness/fake-target.ts'
import { parseBlueprint } from '../blueprint/parse.ts'
import { policyOf } from '../blueprint/policy-of.ts'
import { sha256 } from '../model/sha256.ts'
import { TargetUnavailable } from '../targets/target.ts'
import type { OpenTarget } from './late-target.ts'
import type { ReadPolicy } from './policy-in-force.ts'
import { createTargetBook } from './target-book.ts'

const signal = new AbortController().signal

function read(environments: string): ReadPolicy {
  const parsed = parseBlueprint(
    `project: shop\nservices: { web: { image: registry.example.com/web:1, ingress: true } }\nenvironments: ${environments}\n`,
    { file: 'sluice.yaml' },
  )
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return { blueprint: parsed.blueprint, policy: policyOf(parsed.blueprint), revision: sha256(environments) }
}

const CLUSTER = '{ target: kubernetes, tier: development, kubernetes: { context: one } }'

function book() {
  const fake = createFakeTarget(Date.now)
  const local = Object.assign(createFakeTarget(Date.now), {
    ensureEnvironments: async () => ({ dev: { address: 'http://127.0.0.1:8081' } }),
    closeEnvironment: async () => undefined,
  })
  const close = vi.fn(async () => undefined)
  const open = vi.fn<() => Promise<OpenTarget>>(async () => ({ target: fake, metrics: fake, close }))
  const openLocal = vi.fn(async () => ({ target: local, close: async () => undefined }))
  const made = createTargetBook({
    localFolder: join(tmpdir(), 'nobody-has-this-folder'),
    openLocal,
    kubernetes: (_read, { settings }) => ({ key: JSON.stringify(settings.kubernetes), open }),
  })
  return { made, fake, local, open, close, openLocal }
}

it('opens what the blueprint’s environments need, and nothing else', async () => {
  const { made, open, openLocal } = book()
  await made.adopt(read(`{ prod: ${CLUSTER} }`))
  expect(openLocal).not.toHaveBeenCalled()
  expect(open).not.toHaveBeenCalled()
  await made.targetOf('prod').observe({ environment: 'prod', service: 'web' }, signal)
  expect(open).toHaveBeenCalledTimes(1)
  expect(await made.adopt(read(`{ dev: {}, prod: ${CLUSTER} }`))).toEqual({ dev: 'http://127.0.0.1:8081' })
  expect(openLocal).toHaveBeenCalledTimes(1)
  expect(open).toHaveBeenCalledTimes(1)
})

it('opens an environment anew where it is reached in another way, and lets the former one go', async () => {
  const { made, open, close } = book()
  await made.adopt(read(`{ prod: ${CLUSTER} }`))
  const ref = { environment: 'prod', service: 'web' }
  await made.targetOf('prod').observe(ref, signal)
  await made.adopt(read(`{ prod: ${CLUSTER.replace('one', 'two')} }`))
  await expect.poll(() => close.mock.calls.length).toBe(1)
  await made.targetOf('prod').observe(ref, signal)
  expect(open).toHaveBeenCalledTimes(2)
})

it('tells of what happens in environments that came later, too', async () => {
  const { made, local } = book()
  await made.adopt(read(`{ prod: ${CLUSTER} }`))
  const watching = vi.spyOn(local, 'watch')
  made.watch(() => undefined)
  await made.adopt(read(`{ dev: {}, prod: ${CLUSTER} }`))
  expect(watching).toHaveBeenCalledTimes(1)
})

it('lets nobody act on an environment that no blueprint names any more as if it were local', async () => {
  const { made } = book()
  await made.adopt(read(`{ dev: {}, prod: ${CLUSTER} }`))
  expect(() => made.targetOf('staging')).toThrow(TargetUnavailable)
  expect(() => made.targetOf('dev')).not.toThrow()
})
