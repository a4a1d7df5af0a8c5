import { expect, it } from 'vitest'
import { importNamespace } from './import-namespace.ts'
import { takeOverPlan } from './take-over-plan.ts'
import { deployment, namespaceOf, service } from './testing/namespace.ts'

const SECRET = "env: [{ name: DB, valueFrom: { secretKeyRef: { name: db, key: it's } } }]".replace(
  "it's",
  '"it\'s"',
)

function planOf(yaml: string, context?: string) {
  const objects = namespaceOf(yaml)
  const place = { environment: 'prod', context }
  const result = importNamespace(objects, { ...place, project: 'shop' })
  return { result, steps: takeOverPlan(result, { ...place, objects }) }
}

const SIMPLE = [deployment('web', 'ports: [{ containerPort: 3000 }]'), service('web')].join('---')

it('names the context and the namespace in every command for this cluster', () => {
  const { steps } = planOf(SIMPLE, 'shop prod')
  const commands = steps.flatMap(each => each.commands).filter(each => /^kubectl|^sluice import/.test(each))
  expect(commands.length).toBeGreaterThan(4)
  for (const command of commands) expect(command).toMatch(/--context 'shop prod' (?:-n|--namespace) shop/)
})

it('gives secrets on without showing them, whatever their keys are called', () => {
  const { steps } = planOf(deployment('web', SECRET))
  const commands = steps.flatMap(each => each.commands).filter(each => each.includes('secret set'))
  expect(commands).toEqual([
    String.raw`kubectl -n shop get secret db -o go-template='{{index .data "it'\''s" | base64decode}}' | sluice secret set prod DB`,
  ])
})

it('says who applies the same objects again and again', () => {
  const helm = SIMPLE.replaceAll(
    'metadata: { name: web }',
    'metadata: { name: web, annotations: { meta.helm.sh/release-name: shop } }',
  )
  const { steps } = planOf(helm)
  expect(steps[0]?.what).toMatch(/^Helm \(release shop\) sets service\/web, deployment\/web:/)
  expect(steps[0]?.commands).toEqual([
    'kubectl -n shop annotate service/web deployment/web helm.sh/resource-policy=keep',
  ])
})

it('brings Service, Ingress and autoscaler back to what they were', () => {
  const ingress = `
kind: Ingress
metadata: { name: web }
spec:
  ingressClassName: nginx
  rules: [{ host: a.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] } }]
`
  const { steps } = planOf([SIMPLE, ingress].join('---'))
  const commands = steps.find(({ what }) => what.startsWith('The way back'))?.commands ?? []
  expect(commands[0]).toContain('"path":"/spec/selector","value":{"app":"web"}')
  expect(commands[0]).toContain('"path":"/spec/ports/0/targetPort","value":3000')
  expect(commands[1]).toMatch(/^kubectl -n shop patch ingress web --type=json .*"number":80/)
})

it('begins with what would reach users', () => {
  const { steps } = planOf(SIMPLE.replace('spec: { selector', 'spec: { type: NodePort, selector'))
  expect(steps[0]?.what).toContain('Settle the point above')
})

it('writes once what most services share', () => {
  const small = 'resources: { requests: { cpu: 100m, memory: 128Mi }, limits: { cpu: 200m, memory: 256Mi } }'
  const large = 'resources: { requests: { cpu: 2, memory: 4Gi }, limits: { cpu: 2, memory: 4Gi } }'
  const yaml = [deployment('a', small), deployment('b', small), deployment('c', large)].join('---')
  const { text } = planOf(yaml).result
  expect(text.slice(text.indexOf('    defaults:'))).toBe(`    defaults:
      cpu: 102
      memory: 128Mi
      replicas: 1
      # nothing measures yet, so silence passes: add \`monitoring: { prometheus: http://… }\` above and remove this
      rollout:
        analysis:
          minimumRequests: 0
    services:
      c:
        cpu: 2048
        memory: 4Gi
        limits:
          cpu: 2048
          memory: 4Gi
`)
})
