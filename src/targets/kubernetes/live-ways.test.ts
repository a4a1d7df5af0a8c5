import { describe, expect, it } from 'vitest'
import { weightsFor } from '../../model/color.ts'
import { liveWays } from './live-ways.ts'
import { liveTraffic } from './switching/live-traffic.ts'
import { switchFor } from './switching/switch-for.ts'
import { applied, closedView, live, plannedWeb, shifted } from './switching/testing/live-service.ts'

const PART = weightsFor('green', 30)

const ALB = 'switch: ingress, ingressClass: alb'
const NGINX = 'switch: ingress, ingressClass: nginx'

/** What is live after all users were sent to green, and nothing is kept of any release. */
function onGreen(kubernetes: string) {
  const web = plannedWeb({ kubernetes })
  const way = switchFor(web.environment.route)
  const weights = weightsFor('green', 100)
  const view = { ...shifted(way, closedView(web), { plan: web.plan, weights, now: 1 }), ledger: undefined }
  const after = (wanted: typeof weights) => {
    const objects = liveWays(view, wanted)
    return (
      objects && liveTraffic(applied({ ...way, objects: () => objects }, view, { ...web, weights: wanted }))
    )
  }
  return { view, after }
}

describe('what is live', () => {
  it.each(['switch: gateway, gateway: infra/public', ALB, NGINX, 'switch: service, gateway: infra/public'])(
    'sends all users back without any release being known (%s)',
    kubernetes => {
      const weights = weightsFor('blue', 100)
      expect(onGreen(kubernetes).after(weights)).toMatchObject({ kind: 'shared', weights })
    },
  )

  it.each(['switch: gateway, gateway: infra/public', ALB])(
    'shares users where it has weights (%s)',
    kubernetes => {
      expect(onGreen(kubernetes).after(PART)).toMatchObject({ kind: 'shared', weights: PART })
    },
  )

  it('shares nobody where it has none', () => {
    expect(onGreen(NGINX).after(PART)).toBeUndefined()
  })

  it('leaves routes alone that somebody else made', () => {
    const { view } = onGreen(NGINX)
    const [route] = view.routes
    if (route === undefined) throw new Error('there is no way in')
    const strange = live({ ...route, metadata: { ...route.metadata, name: 'own', labels: {} } })
    const objects = liveWays({ ...view, routes: [...view.routes, strange] }, weightsFor('blue', 100))
    expect(objects?.map(({ metadata: { name } }) => name)).not.toContain('own')
  })
})
