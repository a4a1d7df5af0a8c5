import { describe, expect, it } from 'vitest'
import { blueprintOf, messagesOf } from '../blueprint.fixture.ts'
import { layerService } from '../layer-service.ts'

interface Written {
  readonly kubernetes: string
  readonly service?: string
}

const GATEWAY = 'switch: gateway, gateway: infra/public'

const textOf = ({ kubernetes, service = 'ingress: true' }: Written): string => `project: shop
services:
  web: { build: ./web, ${service} }
environments:
  dev: { tier: development, target: kubernetes, kubernetes: { ${kubernetes} } }
`

function stepsOf(written: Written): readonly number[] {
  const { settings } = layerService(blueprintOf(textOf(written)), { environment: 'dev', service: 'web' })
  return settings.rollout.steps.map(({ percent }) => percent)
}

describe('steps that nobody wrote', () => {
  it.each<[string, Written]>([
    ['an HTTPRoute', { kubernetes: GATEWAY }],
    ['a load balancer of AWS', { kubernetes: 'switch: ingress' }],
  ])('share users where %s has weights', (_, written) => {
    expect(stepsOf(written)).toEqual([20, 100])
    expect(messagesOf(textOf(written))).toEqual([])
  })

  it.each<[string, Written]>([
    ['a selector', { kubernetes: 'switch: service, ingressClass: nginx' }],
    ['an Ingress of another class', { kubernetes: 'ingressClass: traefik' }],
    ['the Service of a service that only others call', { kubernetes: GATEWAY, service: 'port: 8080' }],
  ])('are one where %s moves all at once', (_, written) => {
    expect(stepsOf(written)).toEqual([100])
    expect(messagesOf(textOf(written))).toEqual([])
  })

  it('follow the switch that the whole blueprint has, unless the environment has its own', () => {
    const text = `project: shop
target: kubernetes
kubernetes: { switch: service, ingressClass: nginx }
services: { web: { build: ./web, ingress: true } }
environments:
  dev: { tier: development }
  test: { tier: development, kubernetes: { ${GATEWAY} } }
  home: { tier: development, target: local }
`
    const steps = ['dev', 'test', 'home'].map(environment =>
      layerService(blueprintOf(text), { environment, service: 'web' }).settings.rollout.steps.map(
        ({ percent }) => percent,
      ),
    )
    expect(steps).toEqual([[100], [20, 100], [20, 100]])
  })
})

describe('a service on Kubernetes', () => {
  it.each<[string, Written, string]>([
    [
      'share users by a selector',
      {
        kubernetes: 'switch: service, ingressClass: nginx',
        service: 'ingress: true, rollout: { steps: [5, 100] }',
      },
      'sluice.yaml:3:50 services.web.rollout.steps: asks for 5 %, and `kubernetes.switch: service` sends all users at once; write `steps: [100]`, or choose the switch gateway',
    ],
    [
      'share users by an Ingress that has no weights',
      { kubernetes: 'ingressClass: nginx', service: 'ingress: true, rollout: { strategy: canary }' },
      'sluice.yaml:3:50 services.web.rollout.strategy: asks for 5 %, and an Ingress of class nginx sends all users at once; write `steps: [100]`, or choose the switch gateway',
    ],
    [
      'share callers that nothing stands before',
      { kubernetes: GATEWAY, service: 'port: 8080, rollout: { steps: [50, 100] }' },
      'sluice.yaml:3:47 services.web.rollout.steps: asks for 50 %, and a service without ingress is called by its Service, which sends all users at once; write `steps: [100]`',
    ],
    [
      'keep users on a color that is chosen anew for each request',
      { kubernetes: GATEWAY, service: 'ingress: true, rollout: { sticky: true }' },
      'sluice.yaml:3:50 services.web.rollout.sticky: cannot be kept by an HTTPRoute, whose weights choose anew for each request; remove it, or write `steps: [100]`',
    ],
    [
      'move open connections faster than they end',
      { kubernetes: 'switch: service, ingressClass: nginx', service: 'ingress: true, grace: 90s' },
      'sluice.yaml:3:3 services.web: a shift deadline of 120s is less than open connections may need to move, with a grace of 90s; allow at least 145s',
    ],
  ])('cannot %s', (_, written, message) => {
    expect(messagesOf(textOf(written))).toEqual([message])
  })

  it('is warned of a load balancer of AWS whose targets a selector replaces all at once', () => {
    expect(messagesOf(textOf({ kubernetes: 'switch: service' }))).toEqual([
      'sluice.yaml:3:24 warning services.web.ingress: is behind a load balancer of AWS, whose targets a switch by selector replaces all at once: requests can be lost; choose `kubernetes.switch: ingress`, which gives it weights',
    ])
  })

  it('may keep users and replace in place as it likes where nobody is shared', () => {
    const service = 'ingress: true, rollout: { steps: [100], sticky: true }'
    expect(messagesOf(textOf({ kubernetes: GATEWAY, service }))).toEqual([])
    const rolling = 'ingress: true, grace: 5m, rollout: { strategy: rolling }'
    expect(messagesOf(textOf({ kubernetes: 'switch: service', service: rolling }))).toEqual([])
  })
})
