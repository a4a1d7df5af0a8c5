import { describe, expect, it } from 'vitest'
import type { NotExpressed } from './not-expressed.ts'
import { deployment, imported, service } from './testing/namespace.ts'

const PORT = 'ports: [{ containerPort: 3000 }]'
const documents = (...all: readonly string[]): string => all.join('---')
const one = (more: string, pod?: string) =>
  imported(documents(deployment('web', `${PORT}, ${more}`, pod), service('web')))
const web = (more: string, pod?: string) => one(more, pod).services[0]
const fields = (all: readonly NotExpressed[]): readonly string[] =>
  all.map(({ object, field }) => `${object} ${field}`)
const blocking = (yaml: string): readonly NotExpressed[] =>
  imported(yaml).notExpressed.filter(({ blocks }) => blocks === true)

describe('what a container runs', () => {
  it('is named by the digest that runs, for the tag may have moved', () => {
    const digest = `sha256:${'d'.repeat(64)}`
    const pod = `
kind: Pod
metadata: { name: web-1, labels: { app: web } }
status: { containerStatuses: [{ name: main, imageID: 'docker-pullable://registry.example.com/web@${digest}' }] }
`
    const { services, text } = imported(documents(deployment('web', PORT), service('web'), pod))
    expect(services[0]?.image).toBe(`registry.example.com/web@${digest}`)
    expect(text).toContain('# was registry.example.com/web:1.2')
  })

  it('is named by its tag, and told, where no pod says more', () => {
    expect(web('')?.image).toBe('registry.example.com/web:1.2')
    expect(fields(one('').notExpressed)).toContain('Deployment web image')
  })

  it('is started with command and arguments as Kubernetes puts variables into them', () => {
    const env =
      'env: [{ name: LEVEL, value: info }, { name: NESTED, value: "x-$(LEVEL)-$(NOBODY)-$$(LEVEL)" }]'
    const found = web(`command: [node], args: ['--level=$(LEVEL)', '$$5'], ${env}`)
    expect(found?.command).toEqual(['node', '--level=info', '$5'])
    expect(found?.config).toEqual({ LEVEL: 'info', NESTED: 'x-info-$(NOBODY)-$(LEVEL)' })
  })

  it('keeps arguments of an unknown program out of the blueprint, and says so', () => {
    const { services, notExpressed } = one('args: [--verbose]')
    expect(services[0]?.command).toEqual([])
    expect(fields(notExpressed)).toContain('Deployment web args')
  })
})

describe('variables', () => {
  it('come from ConfigMaps as they stand, and what is written beside wins', () => {
    const map = `
kind: ConfigMap
metadata: { name: settings }
data: { A: '$(B)', B: from the map }
`
    const more =
      'envFrom: [{ configMapRef: { name: settings }, prefix: X_ }], env: [{ name: X_B, value: own }]'
    const { services } = imported(documents(deployment('web', `${PORT}, ${more}`), service('web'), map))
    expect(services[0]?.config).toEqual({ X_A: '$(B)', X_B: 'own' })
  })

  it('that hold a key of a Secret become secrets; different keys never become one', () => {
    const from = (name: string, secret: string) =>
      `{ name: ${name}, valueFrom: { secretKeyRef: { name: ${secret}, key: password } } }`
    const { services, secrets } = imported(
      documents(
        deployment('api', `${PORT}, env: [${from('PASSWORD', 'db')}]`),
        deployment('web', `${PORT}, env: [${from('PASSWORD', 'cache')}, ${from('DB', 'db')}]`),
      ),
    )
    expect(services.map(each => each.secrets)).toEqual([
      { PASSWORD: { variable: 'PASSWORD' } },
      { 'cache.PASSWORD': { variable: 'PASSWORD' }, PASSWORD: { variable: 'DB' } },
    ])
    expect(secrets).toEqual([
      { name: 'PASSWORD', place: { from: 'db', key: 'password' } },
      { name: 'cache.PASSWORD', place: { from: 'cache', key: 'password' } },
    ])
  })

  it('of a whole Secret are known by its keys alone', () => {
    const more = `${PORT}, envFrom: [{ secretRef: { name: db } }, { secretRef: { name: hidden } }]`
    const { services, notExpressed } = imported(deployment('web', more), { db: ['URL'] })
    expect(services[0]?.secrets).toEqual({ URL: { variable: 'URL' } })
    expect(notExpressed.find(({ field }) => field === 'envFrom')?.why).toContain('Secret hidden')
  })

  it.each(['name: DB_PASSWORD, value: hunter2', 'name: URL, value: "postgres://app:hunter2@db/shop"'])(
    'are not written down where they look like secrets: %s',
    variable => {
      const result = one(`env: [{ ${variable} }]`)
      expect(JSON.stringify(result)).toContain('looks like a secret')
      expect(result.text + JSON.stringify(result.notExpressed)).not.toContain('hunter2')
    },
  )

  it('that Kubernetes works out are told', () => {
    const { services, notExpressed } = one(
      'env: [{ name: NODE, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }]',
    )
    expect(services[0]?.config).toEqual({})
    expect(notExpressed.find(({ field }) => field === 'env NODE')?.why).toContain('fieldRef')
  })

  it('say which services it calls', () => {
    const env = 'env: [{ name: API, value: "http://api.shop.svc:80/v1" }, { name: CACHE, value: "web:6379" }]'
    const { services } = imported(documents(deployment('web', `${PORT}, ${env}`), deployment('api', PORT)))
    expect(services.find(({ name }) => name === 'web')?.calls).toEqual(['api'])
  })
})

describe('probes', () => {
  it('keep their path and pace; a startup probe is the delay of the first liveness probe', () => {
    const probe = (path: string, more: string) => `{ httpGet: { path: ${path}, port: 3000 }, ${more} }`
    const found = web(
      `livenessProbe: ${probe('/up', 'periodSeconds: 5')}, readinessProbe: ${probe('/ready', 'timeoutSeconds: 3')}, startupProbe: ${probe('/up', 'periodSeconds: 5, failureThreshold: 12')}`,
    )
    expect(found?.health.liveness).toEqual({
      path: '/up',
      period: 5,
      timeout: 1,
      failureThreshold: 3,
      initialDelay: 45,
    })
    expect(found?.health.readiness).toMatchObject({ path: '/ready', period: 10, timeout: 3 })
  })

  it.each(['exec: { command: [true] }', 'tcpSocket: { port: 3000 }', 'grpc: { port: 3000 }'])(
    'that do not ask by HTTP are told, and nothing is replaced in haste: %s',
    probe => {
      const { services, notExpressed, text } = one(
        `livenessProbe: { ${probe} }, readinessProbe: { httpGet: { path: /ready, port: 3000 } }`,
      )
      expect(fields(notExpressed)).toContain(`Deployment web livenessProbe.${probe.split(':')[0]}`)
      expect(services[0]?.health.liveness).toMatchObject({ path: '/ready', failureThreshold: 30 })
      expect(text).toContain('# no HTTP probe says it: decide which path answers 2xx or 3xx while it works')
    },
  )
})

describe('sizes', () => {
  it('are counted in units and MiB, and a limit stands in for a request', () => {
    const found = web("resources: { requests: { cpu: '1.5' }, limits: { memory: 1G } }")
    expect(found?.resources).toEqual({ cpu: 1536, memory: 954, limits: { cpu: 6144, memory: 954 } })
  })

  it('ask people to decide where there were none', () => {
    const { text } = one('')
    expect(text).toContain('# nothing was asked for: decide')
    expect(text).toContain('# there was no limit: decide')
  })

  it('scale as the HorizontalPodAutoscaler does, as far as the blueprint has words for it', () => {
    const scaler = `
kind: HorizontalPodAutoscaler
metadata: { name: scaler }
spec:
  scaleTargetRef: { kind: Deployment, name: web }
  maxReplicas: 5
  metrics:
    - { type: Resource, resource: { name: memory, target: { type: Utilization, averageUtilization: 60 } } }
    - { type: External, external: {} }
  behavior: { scaleDown: { stabilizationWindowSeconds: 60 } }
`
    const { services, notExpressed } = imported(documents(deployment('web', PORT), service('web'), scaler))
    expect(services[0]?.scaling).toEqual({ min: 1, max: 5, cpu: false, memory: 60, scaleInCooldown: 60 })
    expect(fields(notExpressed)).toContain('HorizontalPodAutoscaler scaler metrics External')
  })
})

describe('files', () => {
  const map = `
kind: ConfigMap
metadata: { name: settings }
data: { a.json: '{}', b.json: '[]' }
`
  const volumes =
    'volumes: [{ name: s, configMap: { name: settings } }, { name: t, secret: { secretName: tls } }, { name: d, emptyDir: {} }]'

  it('are those of mounted ConfigMaps and Secrets, whole or one by one', () => {
    const mounts =
      '{ name: s, mountPath: /etc/app }, { name: s, mountPath: /opt/b, subPath: b.json }, { name: t, mountPath: /etc/tls }'
    const { services } = imported(
      documents(deployment('web', `${PORT}, volumeMounts: [${mounts}]`, volumes), service('web'), map),
      { tls: ['tls.key'] },
    )
    expect(services[0]?.files).toEqual({ '/etc/app/a.json': '{}', '/etc/app/b.json': '[]', '/opt/b': '[]' })
    expect(services[0]?.secrets).toEqual({ 'tls.key': { file: '/etc/tls/tls.key' } })
  })

  it('to write to are told, but for /tmp', () => {
    const mounts = '{ name: d, mountPath: /tmp }, { name: d, mountPath: /var/cache }'
    const { notExpressed } = imported(
      documents(deployment('web', `${PORT}, volumeMounts: [${mounts}]`, volumes), map),
    )
    expect(fields(notExpressed).filter(each => each.includes('volumeMounts'))).toEqual([
      'Deployment web volumeMounts /var/cache',
    ])
  })
})

describe('what a blueprint has no word for', () => {
  it.each([
    ['initContainers', 'initContainers: [{ name: i, image: i }]'],
    ['hostNetwork', 'hostNetwork: true'],
    ['nodeSelector', 'nodeSelector: { disk: fast }'],
    ['tolerations', 'tolerations: [{ operator: Exists }]'],
    ['securityContext', 'securityContext: { runAsUser: 0 }'],
    ['runtimeClassName', 'runtimeClassName: gvisor'],
  ])('is told of the pod: %s', (field, pod) => {
    const found = one('', pod).notExpressed.find(each => each.field === field)
    expect(found?.advice).not.toBe(undefined)
  })

  it('is told of objects of other kinds, but not of what they make', () => {
    const job = (name: string, owner = '') => `
kind: Job
metadata: { name: ${name}${owner} }
`
    const { notExpressed } = imported(
      documents(
        deployment('web', PORT),
        job('migrate'),
        job('nightly-1', ', ownerReferences: [{ kind: CronJob }]'),
      ),
    )
    expect(fields(notExpressed).filter(each => each.startsWith('Job'))).toEqual(['Job migrate '])
  })
})

describe('the way in', () => {
  const ingress = (name: string, rules: string, more = 'ingressClassName: nginx') => `
kind: Ingress
metadata: { name: ${name} }
spec: { ${more}, rules: [${rules}] }
`
  const rule = (host: string, path: string, to: string, port = 'number: 80', type = 'Prefix') =>
    `{ host: ${host}, http: { paths: [{ path: '${path}', pathType: ${type}, backend: { service: { name: ${to}, port: { ${port} } } } }] } }`
  const base = documents(deployment('web', PORT), service('web'))

  it('is that of Ingresses, host by host and path by path', () => {
    const { services, way } = imported(documents(base, ingress('all', rule('a.example.com', '/api/', 'web'))))
    expect(services[0]?.ingress).toEqual([{ host: 'a.example.com', path: '/api' }])
    expect(way.kubernetes).toEqual({ switch: 'ingress', ingressClass: 'nginx' })
  })

  it('is that of HTTPRoutes, and the Gateway that they name', () => {
    const route = `
kind: HTTPRoute
metadata: { name: r }
spec:
  parentRefs: [{ name: public, namespace: infra }]
  hostnames: [a.example.com]
  rules:
    - { matches: [{ path: { value: /x } }], backendRefs: [{ name: web, port: 80 }] }
    - { filters: [{ type: URLRewrite }], backendRefs: [{ name: web, port: 80 }] }
`
    const { services, way, notExpressed } = imported(documents(base, route))
    expect(services[0]?.ingress).toEqual([
      { host: 'a.example.com', path: '/x' },
      { host: 'a.example.com', path: '/' },
    ])
    expect(way.kubernetes).toEqual({ switch: 'gateway', gateway: 'infra/public' })
    expect(fields(notExpressed)).toContain('HTTPRoute r rules[1].filters')
  })

  it('tells patterns of paths, exact paths and certificates', () => {
    const yaml = ingress(
      'all',
      `${rule('a.example.com', '/x/(.*)', 'web')}, ${rule('a.example.com', '/y', 'web', 'number: 80', 'Exact')}`,
      'ingressClassName: nginx, tls: [{ secretName: cert }]',
    )
    const told = fields(imported(documents(base, yaml)).notExpressed)
    expect(told).toEqual(
      expect.arrayContaining([
        'Ingress all rules a.example.com/x/(.*)',
        'Ingress all rules a.example.com/y',
        'Ingress all tls',
      ]),
    )
  })

  it('may not lose rules of other services, nor a load balancer of its own', () => {
    const shared = ingress(
      'web',
      `${rule('a.example.com', '/', 'web')}, ${rule('b.example.com', '/', 'other')}`,
    )
    expect(blocking(documents(base, shared)).map(({ why }) => why)).toEqual([
      expect.stringContaining('leads to other too'),
    ])
    const pattern = ingress('web', rule('a.example.com', '/x/(.*)', 'web'))
    expect(fields(blocking(documents(base, pattern)))).toEqual(['Ingress web rules a.example.com/x/(.*)'])
    const alb = ingress('web', rule('a.example.com', '/', 'web'), 'ingressClassName: alb')
    expect(fields(blocking(documents(base, alb)))).toEqual([
      'Ingress web metadata.annotations alb.ingress.kubernetes.io/group.name',
    ])
  })

  it('may not know a port by a name that changes', () => {
    const named = documents(
      deployment('web', PORT),
      service('web', 'ports: [{ name: web, port: 80, targetPort: 3000 }]'),
      ingress('all', rule('a.example.com', '/', 'web', 'name: web')),
    )
    expect(blocking(named)[0]?.advice).toContain('"value":{"number":80}')
  })

  it('has to have a class', () => {
    const without = ingress('all', rule('a.example.com', '/', 'web'), 'defaultBackend: null').replace(
      'defaultBackend: null, ',
      '',
    )
    expect(fields(blocking(documents(base, without)))).toEqual(['Ingress all spec.ingressClassName'])
  })
})

describe('what would reach users', () => {
  it.each(['LoadBalancer', 'NodePort'])('is a Service of type %s that becomes another', type => {
    const yaml = documents(deployment('web', PORT), service('web', `type: ${type}, ports: [{ port: 80 }]`))
    expect(fields(blocking(yaml))).toEqual(['Service web spec.type'])
  })

  it('is a selector that finds pods which nobody verified; it says how to narrow it', () => {
    const label = 'app.kubernetes.io/name'
    const yaml = documents(deployment('web', PORT), service('web'))
      .replaceAll('app: web', `${label}: web`)
      .replace(`labels: { ${label}: web }`, `labels: { ${label}: web, tier: front }`)
    const [found] = blocking(yaml)
    expect(found?.field).toBe('spec.selector')
    expect(found?.advice).toContain(`{"spec":{"selector":{"${label}":"web","tier":"front"}}}`)
  })

  it('is a second Deployment behind the same Service', () => {
    const canary = deployment('web-canary', PORT).replaceAll('app: web-canary', 'app: web')
    const yaml = documents(
      deployment('web', PORT).replace('spec:', 'spec:\n  replicas: 3'),
      canary,
      service('web'),
    )
    expect(fields(blocking(yaml))).toEqual(['Deployment web-canary '])
  })

  it('is an object that has a name of a color', () => {
    const yaml = documents(deployment('web', PORT), deployment('web-green', PORT), service('web'))
    expect(fields(blocking(yaml))).toContain('Deployment web-green metadata.name')
  })

  it('is nothing where one Deployment stands behind one Service', () => {
    expect(blocking(documents(deployment('web', PORT), service('web')))).toEqual([])
  })
})
