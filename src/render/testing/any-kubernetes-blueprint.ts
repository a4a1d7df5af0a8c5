import fc from 'fast-check'
import { type KubernetesSwitch, sharesUsers } from '../../blueprint/kubernetes-switch.ts'

const NAMES = ['web', 'api', 'billing', 'a', 'a-name-as-long-as-a-name-of-one-may-be-40'.slice(0, 40)]

const RULES = ['', 'shop.example.com', 'www.example.com', '*.example.com'].flatMap(host =>
  ['/', '/api', '/api/v1', '/assets', '/a'].map(path => `${host}${path}`),
)

const SECRETS = {
  TOKEN: { variable: 'TOKEN' },
  'tls.cert': { variable: 'TLS_CERT' },
  'db-password': { file: '/etc/secrets/db-password' },
  'db-user': { file: '/etc/secrets/db-user' },
  'tls.key': { file: '/etc/secrets/tls/key' },
  key: { file: '/etc/key' },
}

/** Texts that YAML, ConfigMaps or labels could take for something else. */
const text = fc.oneof(
  fc.constantFrom(
    'info',
    'yes',
    '0123',
    '1e3',
    ' x ',
    '{"a": 1}',
    'a: b',
    '#',
    '',
    'https://example.com/a?b=c',
    'ü',
    '\t',
  ),
  fc.string({ maxLength: 20 }),
)

const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined })
const mapOf = <T>(keys: readonly string[], value: fc.Arbitrary<T>) =>
  fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 3 })

const probe = fc.record(
  {
    path: fc.constantFrom('/up', '/health'),
    period: fc.integer({ min: 1, max: 400 }),
    timeout: fc.integer({ min: 1, max: 60 }),
    initialDelay: fc.integer({ min: 0, max: 90 }),
  },
  { requiredKeys: [] },
)

const rollout = fc.oneof(
  fc.record({ strategy: fc.constantFrom('blue-green', 'canary'), sticky: fc.boolean() }),
  fc.constant({ strategy: 'rolling' }),
)

const scaling = fc.record({
  min: fc.integer({ min: 0, max: 3 }),
  max: fc.integer({ min: 3, max: 40 }),
  cpu: fc.constantFrom(false, 50),
  memory: fc.constantFrom(false, 75),
  requestsPerTarget: fc.constant(500),
  scaleInCooldown: fc.integer({ min: 0, max: 9000 }),
})

const serviceFields = fc.record(
  {
    image: some(fc.constant(`registry.example.com/shop/web@sha256:${'a'.repeat(64)}`)),
    command: fc.constantFrom('node server.js', ['node', '-e', 'console.log("a: b")\n']),
    port: fc.integer({ min: 1, max: 65_535 }),
    health: fc.record({ liveness: probe, readiness: probe }, { requiredKeys: [] }),
    cpu: fc.constantFrom(128, 256, 1024, 3000),
    memory: fc.constantFrom('128Mi', '2Gi'),
    config: mapOf(['NODE_ENV', 'LOG_LEVEL', 'API_SERVICE_HOST', '_a'], text),
    files: mapOf(
      ['/etc/config/a.json', '/etc/config/b.json', '/etc/b.json', '/opt/a.b/c', '/tmp/x'],
      text.map(content => ({ content })),
    ),
    secrets: fc.subarray(Object.entries(SECRETS)).map(entries => Object.fromEntries(entries)),
    egress: fc.constantFrom([], [{ to: '10.0.0.0/8', ports: [443, 5432] }]),
    grace: fc.integer({ min: 1, max: 300 }),
    rollout,
    size: fc.oneof(fc.record({ replicas: fc.integer({ min: 0, max: 5 }) }), fc.record({ scaling })),
    spot: fc.boolean(),
    labels: mapOf(
      ['team', 'a/b/c', 'Example.com/x', 'example.com/x', 'app.kubernetes.io/name', 'x.'],
      fc.constantFrom('shop', '', 'two words', 'a.b_c'),
    ),
  },
  { requiredKeys: [] },
)

const cluster = fc.record(
  {
    version: fc.constant('1.34'),
    nodeGroups: fc.constant({
      app: { instanceType: 'm5.large', min: 1, max: 3 },
      cheap: { instanceType: 'm5.large', min: 0, max: 3, spot: true },
    }),
    fargate: fc.constant(['jobs']),
  },
  { requiredKeys: [] },
)

const kubernetes = fc
  .record({
    way: fc.constantFrom(
      { switch: 'service' },
      { switch: 'ingress' },
      { switch: 'gateway', gateway: 'infra/public' },
      { switch: 'gateway', gateway: 'public' },
    ),
    ingressClass: fc.constantFrom('alb', 'nginx'),
    cluster: some(cluster),
  })
  .map(({ way, ...rest }) => ({ ...way, ...rest }))

const environmentFields = fc.record(
  {
    kubernetes,
    loadBalancer: fc.record({ internal: fc.boolean(), group: fc.constant('shared') }, { requiredKeys: [] }),
    dns: fc.record(
      {
        host: fc.constant('shop.example.com'),
        certificate: fc.constant('arn:aws:acm:eu-central-1:111122223333:certificate/a'),
      },
      { requiredKeys: ['host'] },
    ),
    database: fc.constantFrom(true, { engine: 'mysql', version: '8.0' }),
    monitoring: fc.constantFrom(
      { prometheus: 'http://prometheus.monitoring:9090' },
      { prometheus: 'https://prometheus.example.com' },
    ),
  },
  { requiredKeys: ['kubernetes', 'monitoring'] },
)

/** What a team may write for an environment on Kubernetes; a few are refused, for what they say in different places clashes. */
export const anyKubernetesBlueprint: fc.Arbitrary<unknown> = fc
  .record({
    services: fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), serviceFields), {
      minLength: 1,
      maxLength: 4,
      selector: ([name]) => name,
    }),
    environment: environmentFields,
    accounts: some(fc.constant({ prod: { id: '111122223333', region: 'eu-central-1' } })),
    rules: fc.shuffledSubarray(RULES),
  })
  .map(({ services, environment, accounts, rules }) => ({
    project: 'shop',
    accounts,
    services: Object.fromEntries(
      services.map(([name, { image, size = {}, ...fields }], index) => {
        const ingress = rules.filter((_, position) => position % services.length === index)
        return [
          name,
          {
            ...fields,
            ...fitting(fields, environment.kubernetes, ingress),
            ...size,
            ...(image === undefined ? { build: './web' } : { image }),
            after: services.slice(0, index).map(([before]) => before),
            ingress,
          },
        ]
      }),
    ),
    environments: { dev: {}, prod: { target: 'kubernetes', ...environment } },
  }))

interface Fields {
  readonly rollout?: { readonly strategy: string; readonly sticky?: boolean }
  readonly grace?: number
}

/** What the switch can do: else nearly all would be refused. */
function fitting(
  { rollout: asked, grace = 30 }: Fields,
  way: KubernetesSwitch,
  ingress: readonly string[],
): Fields {
  if (asked?.strategy === 'rolling') return {}
  if (!sharesUsers(way, { ingress }))
    return { grace: Math.min(grace, 60), rollout: { strategy: 'blue-green' } }
  if (asked === undefined || way.switch !== 'gateway') return {}
  return { rollout: { strategy: asked.strategy } }
}
