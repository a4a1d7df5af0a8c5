import fc from 'fast-check'

const LONG = 'a-name-as-long-as-the-name-of-one-may-be-'.slice(0, 40).replace(/-$/, 'x')
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const bounded = fc
  .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 40 }))
  .map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }))
const cron = fc.constantFrom(
  '0 20 * * MON-FRI',
  '*/15 9-17 * * *',
  '30 4 1 * *',
  '0 8 13 * fri',
  '0 0 * * 0,6',
)
const timezone = fc.constantFrom('UTC', 'Asia/Tokyo', 'Japan', 'asia/kolkata', 'EST5EDT', 'CET')
const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom('${x}', '%{if}', '"', '\\', 'a\nb', 'ü', ''),
)

const schedule = fc
  .tuple(cron, some(cron), timezone, bounded)
  .map(([at, end, zone, limits]) => ({ cron: at, end, timezone: zone, ...limits }))

const scaling = fc.oneof(
  fc.constant(false),
  fc
    .tuple(
      bounded,
      fc.dictionary(fc.constantFrom('rush', 'friday-evening'), schedule),
      fc.constantFrom(false, 50),
    )
    .map(([limits, schedules, memory]) => ({ ...limits, memory, schedules })),
)

const secrets = fc.constantFrom(
  {},
  { TOKEN: { variable: 'TOKEN', rotate: '36h' } },
  { 'db-password': { file: '/etc/secrets/db-password' }, TOKEN: { variable: 'OTHER', rotate: '30d' } },
)

const service = fc.record(
  {
    image: fc.constant(`registry.example.com/shop/web@sha256:${'a'.repeat(64)}`),
    command: fc.constantFrom('node server.js', ['node', '-e', 'console.log("${a}")\n']),
    port: fc.integer({ min: 1, max: 65_535 }),
    health: fc.record({
      readiness: fc.record({ path: fc.constant('/up'), period: fc.integer({ min: 1, max: 400 }) }),
    }),
    config: fc.dictionary(fc.constantFrom('NODE_ENV', 'A', '_b'), text),
    files: fc.dictionary(
      fc.constantFrom('/etc/a.json', '/etc/b'),
      text.map(content => ({ content })),
    ),
    secrets,
    ingress: fc.constantFrom(true, '/api', ['shop.example.com', '*.example.com/v1/x/'], false),
    egress: fc.constantFrom([], [{ to: '10.0.0.0/8', ports: [443, 5432] }]),
    grace: fc.integer({ min: 1, max: 120 }),
    scaling,
    spot: fc.boolean(),
    rollout: fc.record({ sticky: fc.boolean() }),
    labels: fc.constantFrom({}, { team: 'shop', 'example.com/part': 'web' }),
  },
  { requiredKeys: [] },
)

const target = fc.oneof(
  fc.constantFrom('fargate', 'fargate-spot', 'ec2').map(capacity => ({ target: 'ecs', ecs: { capacity } })),
  fc.constant({ target: 'ec2', ec2: { instanceType: 't3.micro', warmup: '2m' } }),
  fc
    .constantFrom(undefined, {
      version: '1.34',
      nodeGroups: { app: { instanceType: 'm5.large', min: 0, max: 3 } },
    })
    .map(cluster => ({ target: 'kubernetes', kubernetes: { cluster } })),
)

const environment = fc
  .tuple(
    target,
    fc.record(
      {
        tier: fc.constantFrom('development', 'staging', 'production'),
        region: fc.constantFrom('eu-central-1', 'ap-northeast-1'),
        account: fc.constantFrom('one', 'two'),
        loadBalancer: fc.record({ internal: fc.boolean() }),
        dns: fc.constantFrom(
          { host: 'shop.example.com', zone: 'example.com' },
          { host: 'example.com', certificate: 'arn:aws:acm:eu-central-1:111122223333:certificate/abc' },
        ),
        database: fc.constantFrom(true, {
          engine: 'aurora-mysql',
          instance: 'db.r6g.large',
          replicaRegion: 'us-east-1',
        }),
        backup: fc.record({
          cron,
          retentionDays: fc.integer({ min: 1, max: 90 }),
          copyTo: fc.constant('us-west-2'),
        }),
        budget: fc.constantFrom(
          { monthly: 99.5 },
          { monthly: 5, notify: ['a@example.com'], alertAt: [50, 50, 10] },
        ),
        monitoring: fc.record({ notify: fc.constantFrom([], ['ops@example.com']), alarms: fc.boolean() }),
        schedules: fc.dictionary(fc.constantFrom('nights'), fc.record({ stop: cron, start: cron, timezone })),
        defaults: fc.record({ scaling }, { requiredKeys: [] }),
      },
      { requiredKeys: ['region'] },
    ),
  )
  .map(([runs, { monitoring, ...settings }]) => ({
    ...settings,
    ...runs,
    monitoring: { prometheus: 'https://prometheus.example.com', ...monitoring },
  }))

/** Content of blueprints whose environments run on AWS, most of them valid. */
export const anyTerraformBlueprint: fc.Arbitrary<unknown> = fc.record({
  project: fc.constantFrom('shop', 'a', LONG),
  services: fc.dictionary(fc.constantFrom('web', 'api', LONG), service, { minKeys: 1, maxKeys: 3 }),
  environments: fc.dictionary(fc.constantFrom('dev', 'staging', 'prod', LONG), environment, {
    minKeys: 1,
    maxKeys: 4,
  }),
  accounts: fc.constant({
    one: { id: '111122223333', region: 'eu-central-1' },
    two: { id: '444455556666' },
    management: { id: '777788889999', region: 'us-east-1' },
  }),
  organization: some(
    fc.constant({
      managementAccount: 'management',
      units: { Prod: { accounts: ['one', 'two'], guardrails: ['audit-trail-locked'] } },
    }),
  ),
  delivery: fc.constantFrom(
    {},
    { repository: 'example/shop', branches: { main: undefined, 'release/*': undefined } },
  ),
})
