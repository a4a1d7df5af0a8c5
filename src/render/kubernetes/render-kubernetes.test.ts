import { describe, expect, it } from 'vitest'
import type { RenderInput } from '../rendered-file.ts'
import { objectsOf, valuesOf } from '../testing/objects-of.ts'
import { inputOf } from '../testing/render-input.ts'
import { renderKubernetes } from './render-kubernetes.ts'

const IMAGE = `registry.example.com/web@sha256:${'a'.repeat(64)}`

interface Written {
  readonly service?: string
  readonly environment?: string
  readonly more?: string
}

const blueprint = ({ service = '', environment = '', more = '' }: Written): string => `
project: shop
monitoring: { prometheus: 'https://prometheus.example.com' }
${more}
services: { web: { image: '${IMAGE}', ${service} } }
environments: { prod: { target: kubernetes, ${environment} } }
`

const ACCOUNT = `accounts: { prod: { id: '555555555555', region: ap-northeast-1 } }`

const input = (written: Written): RenderInput => inputOf(blueprint(written))

/** The object's content; fails where it is not rendered. */
function read(given: RenderInput, id: string): unknown {
  const found = find(given, id)
  if (found === undefined) throw new Error(`no ${id}`)
  return found
}

function find(given: RenderInput, id: string): unknown {
  return objectsOf(renderKubernetes(given)).find(({ kind, name }) => `${kind} ${name}` === id)?.content
}

const idsOf = (given: RenderInput): readonly string[] =>
  objectsOf(renderKubernetes(given)).map(({ kind, name }) => `${kind} ${name}`)

/** The first value below the key, wherever it stands. */
const at = (data: unknown, key: string): unknown => valuesOf(data, key)[0]

describe('the folder of an environment', () => {
  it('begins with its namespace, in the order in which kubectl reads it', () => {
    const paths = renderKubernetes(input({})).map(({ path }) => path)
    expect(paths).toEqual([
      'kubernetes/prod/namespace.yaml',
      'kubernetes/prod/network.yaml',
      'kubernetes/prod/release/web.yaml',
      'kubernetes/prod/roles.yaml',
      'kubernetes/prod/service-web.yaml',
    ])
  })

  it('holds nothing that a release changes outside of release/', () => {
    const state = objectsOf(renderKubernetes(input({ service: 'ingress: true, config: { A: b }' }))).filter(
      ({ file }) => !file.includes('/release/'),
    )
    expect(new Set(state.map(({ kind }) => kind))).toEqual(
      new Set([
        'Namespace',
        'NetworkPolicy',
        'RoleBinding',
        'Role',
        'ServiceAccount',
        'PodDisruptionBudget',
        'Service',
      ]),
    )
    expect(state.filter(({ kind }) => kind === 'Service').map(({ name }) => name)).toEqual([
      'web-blue',
      'web-green',
    ])
  })

  it('is not rendered for other targets', () => {
    expect(renderKubernetes(inputOf(blueprint({}).replace('kubernetes', 'local')))).toEqual([])
  })

  it('refuses pods that ask for more than the restricted standard allows', () => {
    expect(at(read(input({}), 'Namespace shop-prod'), 'labels')).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
    })
  })
})

describe('Deployments', () => {
  it('have blue with the users and green with nothing', () => {
    const given = input({ service: 'replicas: 4' })
    expect(at(read(given, 'Deployment web-blue'), 'replicas')).toBe(4)
    expect(at(read(given, 'Deployment web-green'), 'replicas')).toBe(0)
  })

  it('are one where a service is replaced in place', () => {
    const ids = idsOf(
      input({ service: `rollout: { strategy: rolling }, ingress: true, config: { A: b }, scaling: true` }),
    )
    expect(ids.filter(id => !/^(?:Role|Namespace|NetworkPolicy)/.test(id))).toEqual([
      expect.stringMatching(/^ConfigMap web-config-[0-9a-f]{10}$/),
      'Deployment web-blue',
      'HorizontalPodAutoscaler web',
      'Service web',
      'Ingress web',
      'ServiceAccount web',
      'PodDisruptionBudget web',
    ])
  })

  it('leave the number of instances to the autoscaler where there is one', () => {
    const blue = read(input({ service: 'scaling: true' }), 'Deployment web-blue')
    expect(at(blue, 'spec')).not.toHaveProperty('replicas')
  })

  it('run nothing while no image is known, whoever scales', () => {
    const unknown = inputOf(
      blueprint({ service: 'scaling: true' }).replace(`image: '${IMAGE}'`, 'build: ./web'),
    )
    expect(at(read(unknown, 'Deployment web-blue'), 'replicas')).toBe(0)
    const released = { ...unknown, images: { web: IMAGE } }
    expect(at(read(released, 'Deployment web-blue'), 'image')).toBe(IMAGE)
    expect(at(read(released, 'Deployment web-blue'), 'spec')).not.toHaveProperty('replicas')
  })

  it('count CPU in thousandths of a core', () => {
    const pod = read(input({ service: 'cpu: 256, memory: 512Mi' }), 'Deployment web-blue')
    expect(at(pod, 'resources')).toEqual({
      requests: { cpu: '250m', memory: '512Mi' },
      limits: { cpu: '500m', memory: '1024Mi' },
    })
  })

  it('pass the words of a command on as they are written', () => {
    const pod = read(input({ service: `command: [sh, -c, 'echo $(date) $$ $HOME']` }), 'Deployment web-blue')
    expect(at(pod, 'command')).toEqual(['sh', '-c', 'echo $$(date) $$$$ $$HOME'])
  })

  it('give a slow start its time without asking whether it is alive', () => {
    const health = 'health: { liveness: { path: /up, initialDelay: 25, period: 10, failureThreshold: 3 } }'
    const pod = read(input({ service: health }), 'Deployment web-blue')
    expect(at(pod, 'startupProbe')).toMatchObject({
      httpGet: { path: '/up' },
      periodSeconds: 10,
      failureThreshold: 6,
    })
    expect(at(pod, 'livenessProbe')).not.toHaveProperty('initialDelaySeconds')
    expect(at(read(input({}), 'Deployment web-blue'), 'startupProbe')).toBeUndefined()
  })

  it('leave the load balancer time before they are told to stop, and the service its grace after', () => {
    const pod = read(input({ service: 'grace: 40s' }), 'Deployment web-blue')
    expect(at(pod, 'preStop')).toEqual({ sleep: { seconds: 15 } })
    expect(at(pod, 'terminationGracePeriodSeconds')).toBe(55)
  })

  it('prefer Spot capacity where the blueprint allows it, and keep off it where there is some', () => {
    const groups = 'nodeGroups: { a: { instanceType: m5.large, min: 0, max: 2, spot: true } }'
    const environment = `kubernetes: { cluster: { ${groups} } }`
    const spot = read(input({ service: 'spot: true', environment }), 'Deployment web-blue')
    expect(at(spot, 'preferredDuringSchedulingIgnoredDuringExecution')).toBeDefined()
    const other = read(input({ environment }), 'Deployment web-blue')
    expect(at(other, 'requiredDuringSchedulingIgnoredDuringExecution')).toEqual({
      nodeSelectorTerms: [
        {
          matchExpressions: [{ key: 'eks.amazonaws.com/capacityType', operator: 'NotIn', values: ['SPOT'] }],
        },
      ],
    })
    expect(at(read(input({}), 'Deployment web-blue'), 'affinity')).toBeUndefined()
  })

  it('tell a service where the ones that it calls are, unless its configuration says it', () => {
    const two = (config: string) =>
      inputOf(`
project: shop
monitoring: { prometheus: 'https://prometheus.example.com' }
services: { billing-api: { build: ./b }, web: { build: ./w, calls: [billing-api], config: { ${config} } } }
environments: { prod: { target: kubernetes } }`)
    const env = at(read(two(''), 'Deployment web-blue'), 'env')
    expect(env).toContainEqual({ name: 'BILLING_API_SERVICE_HOST', value: 'billing-api' })
    expect(env).toContainEqual({ name: 'BILLING_API_SERVICE_PORT', value: '80' })
    const own = at(read(two('BILLING_API_SERVICE_HOST: elsewhere'), 'Deployment web-blue'), 'env')
    expect(JSON.stringify(own)).not.toContain('BILLING_API_SERVICE_HOST')
  })
})

describe('configuration', () => {
  const name = (service: string): string =>
    idsOf(input({ service })).find(id => id.startsWith('ConfigMap')) ?? ''

  it('has another name when it says something else, and the same when only the order differs', () => {
    expect(name('config: { A: b, C: d }')).toBe(name('config: { C: d, A: b }'))
    expect(name('config: { A: b }')).not.toBe(name('config: { A: c }'))
  })

  it('never changes in the cluster', () => {
    const given = input({ service: 'config: { A: b }' })
    expect(read(given, name('config: { A: b }'))).toMatchObject({ immutable: true, data: { A: 'b' } })
  })

  it('keeps apart files of the same name in two folders', () => {
    const given = input({
      service: `files: { /etc/a/x.json: { content: '1' }, /etc/b/x.json: { content: '2' } }`,
    })
    const files = idsOf(given).find(id => id.startsWith('ConfigMap')) ?? ''
    expect(read(given, files)).toMatchObject({ data: { '1-x.json': '1', '2-x.json': '2' } })
    expect(at(read(given, 'Deployment web-blue'), 'volumeMounts')).toEqual([
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'files', mountPath: '/etc/a/x.json', subPath: '1-x.json', readOnly: true },
      { name: 'files', mountPath: '/etc/b/x.json', subPath: '2-x.json', readOnly: true },
    ])
  })

  it('carries what is no text as bytes', () => {
    const given = input({ service: `files: { /etc/a/x: { content: "a\\0b" } }` })
    const files = idsOf(given).find(id => id.startsWith('ConfigMap')) ?? ''
    expect(at(read(given, files), 'binaryData')).toEqual({ '1-x': Buffer.from('a\0b').toString('base64') })
  })
})

describe('secrets', () => {
  const service = `secrets: { TOKEN: { variable: API_TOKEN }, pin: { file: /etc/secrets/pin }, key: { file: /etc/key } }`

  it('come from Secrets Manager by name and by the identity of the service', () => {
    const given = input({ service, more: ACCOUNT })
    const role = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::555555555555:role/shop-prod-web-task' }
    expect(at(read(given, 'ServiceAccount web'), 'annotations')).toEqual(role)
    expect(at(read(given, 'SecretProviderClass web-secret-variables'), 'parameters')).toEqual({
      region: 'ap-northeast-1',
      objects: '- objectName: shop/prod/TOKEN\n  objectType: secretsmanager\n  objectAlias: TOKEN\n',
    })
    const key = { name: 'web-secret-variables', key: 'TOKEN' }
    expect(at(read(given, 'Deployment web-blue'), 'env')).toContainEqual({
      name: 'API_TOKEN',
      valueFrom: { secretKeyRef: key },
    })
  })

  it('are mounted as a whole folder only where the folder holds nothing else', () => {
    const mounts = at(read(input({ service, more: ACCOUNT }), 'Deployment web-blue'), 'volumeMounts')
    expect(mounts).toContainEqual({ name: 'secret-files-2', mountPath: '/etc/secrets', readOnly: true })
    expect(mounts).toContainEqual({
      name: 'secret-files',
      mountPath: '/etc/key',
      subPath: 'key',
      readOnly: true,
    })
  })

  it('come from a Secret of the cluster where no account is known', () => {
    const given = input({ service })
    expect(idsOf(given).filter(id => id.startsWith('SecretProviderClass'))).toEqual([])
    expect(at(read(given, 'ServiceAccount web'), 'annotations')).toBeUndefined()
    expect(valuesOf(read(given, 'Deployment web-blue'), 'secretName')).toEqual(['web-secrets', 'web-secrets'])
  })
})

describe('autoscaling', () => {
  it('follows the color that has the users and comes down slowly', () => {
    const given = input({ service: 'scaling: { min: 3, max: 9, memory: false, scaleInCooldown: 10m }' })
    expect(at(read(given, 'HorizontalPodAutoscaler web'), 'spec')).toEqual({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web-blue' },
      minReplicas: 3,
      maxReplicas: 9,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
        },
      ],
      behavior: { scaleDown: { stabilizationWindowSeconds: 600 } },
    })
  })

  it('is left to a fixed number where Kubernetes cannot measure what is scaled by', () => {
    const given = input({ service: 'replicas: 3, scaling: { cpu: false, memory: false }' })
    expect(find(given, 'HorizontalPodAutoscaler web')).toBeUndefined()
    expect(at(read(given, 'Deployment web-blue'), 'replicas')).toBe(3)
  })
})

describe('disruption budgets', () => {
  it('hold for two instances and more: a single one could never leave its node', () => {
    expect(at(read(input({ service: 'replicas: 2' }), 'PodDisruptionBudget web'), 'maxUnavailable')).toBe(1)
    expect(find(input({ service: 'replicas: 1' }), 'PodDisruptionBudget web')).toBeUndefined()
  })
})

describe('access', () => {
  it('is given to groups named after the roles of the blueprint, by what they may do here', () => {
    const given = inputOf(`
project: shop
monitoring: { prometheus: 'https://prometheus.example.com' }
services: { web: { build: ./web } }
environments: { dev: { target: kubernetes }, staging: { target: kubernetes }, prod: { target: kubernetes } }`)
    const bindings = objectsOf(renderKubernetes(given))
      .filter(({ kind }) => kind === 'RoleBinding')
      .map(({ file, content }) => {
        const [role, group] = [at(at(content, 'roleRef'), 'name'), at(at(content, 'subjects'), 'name')]
        return `${file.split('/')[1]} ${String(group)} ${String(role)}`
      })
    expect(bindings).toEqual([
      'dev shop:admin admin',
      'dev shop:developer admin',
      'dev shop:sluice sluice',
      'prod shop:admin admin',
      'prod shop:operator view',
      'prod shop:operator operate',
      'prod shop:sluice sluice',
      'staging shop:admin admin',
      'staging shop:qa view',
      'staging shop:sluice sluice',
    ])
  })

  it('lets the server of Sluice move users in the way of the environment, and read no secret', () => {
    const gateway = input({ environment: 'kubernetes: { switch: gateway, gateway: infra/public }' })
    expect(at(read(gateway, 'RoleBinding sluice-sluice'), 'subjects')).toEqual([
      { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'shop:sluice' },
    ])
    const rules = JSON.stringify(read(gateway, 'Role sluice'))
    expect(rules).toContain('"httproutes"')
    expect(rules).not.toContain('"ingresses"')
    expect(rules).toContain('"resources":["secrets"],"verbs":["create","patch","delete"]')
    expect(rules).not.toMatch(/\*|escalate|bind|impersonate|exec/)
    expect(JSON.stringify(read(input({}), 'Role sluice'))).toContain('"ingresses"')
  })

  it('lets operators keep a service alive without showing them its secrets', () => {
    const rules = JSON.stringify(read(input({}), 'Role operate'))
    expect(rules).not.toMatch(/secrets|exec|\*|"deployments"/)
  })
})
