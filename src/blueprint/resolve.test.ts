import { describe, expect, it } from 'vitest'
import { queryProblem } from '../model/metric-queries.ts'
import { blueprintOf, SMALL } from './blueprint.fixture.ts'
import { defaultQueries } from './default-queries.ts'
import { resolveEnvironment } from './layer-environment.ts'
import { policyOf } from './policy-of.ts'
import { resolveEnvironments, resolveService } from './resolve-service.ts'

describe('a service in an environment', () => {
  const blueprint = blueprintOf(SMALL)

  it('has sizes, steps and times by tier', () => {
    const shape = (environment: string) => {
      const { cpu, memory, replicas, rollout } = resolveService(blueprint, environment, 'web')
      const { steps, standbySeconds, analysis } = rollout
      return { cpu, memory, replicas, steps, standbySeconds, minimumRequests: analysis.minimumRequests }
    }
    const steps = (bakeSeconds: number) => [20, 100].map(percent => ({ percent, bakeSeconds }))
    expect(shape('dev')).toEqual({
      cpu: 256,
      memory: 512,
      replicas: 1,
      steps: steps(0),
      standbySeconds: 300,
      minimumRequests: 0,
    })
    expect(shape('staging')).toEqual({
      cpu: 512,
      memory: 1024,
      replicas: 2,
      steps: steps(10),
      standbySeconds: 900,
      minimumRequests: 0,
    })
    expect(shape('prod')).toEqual({
      cpu: 1024,
      memory: 2048,
      replicas: 3,
      steps: steps(300),
      standbySeconds: 3600,
      minimumRequests: 20,
    })
  })

  it('is complete by default', () => {
    expect(resolveService(blueprint, 'prod', 'web')).toMatchObject({
      port: 3000,
      health: { liveness: { path: '/health' }, readiness: { path: '/ready' } },
      ingress: [{ path: '/' }],
      after: ['api'],
      graceSeconds: 30,
      rollout: {
        strategy: 'blue-green',
        verify: [{ kind: 'http', method: 'GET', path: '/ready', status: 200 }],
        analysis: { maxErrorRate: 0.05, comparison: { maxErrorRateIncrease: 0.02, maxP95Ratio: 2 } },
      },
    })
    expect(resolveService(blueprint, 'prod', 'web')).not.toHaveProperty('scaling')
    expect(Object.keys(resolveEnvironments(blueprint))).toEqual(['dev', 'staging', 'prod'])
  })

  it('says everything itself in its override, then its environment, then the service', () => {
    const layered = blueprintOf(
      `project: shop
services:
  web:
    build: ./web
    replicas: 4
    config: { A: service, B: service, C: service, D: service }
    secrets: [TOKEN, KEY]
    files: { /etc/a.json: { content: service }, /etc/b.json: ./b.json }
environments:
  dev:
    defaults: { replicas: 5, config: { B: environment, C: environment }, secrets: { TOKEN: null } }
    services:
      web: { replicas: 6, config: { C: override, D: null }, files: { /etc/a.json: null } }
`,
      { './b.json': '{}' },
    )
    expect(resolveService(layered, 'dev', 'web')).toMatchObject({
      replicas: 6,
      config: { A: 'service', B: 'environment', C: 'override' },
      secrets: [{ name: 'KEY', as: { kind: 'variable', name: 'KEY' } }],
      files: { '/etc/b.json': '{}' },
    })
    expect(resolveService(layered, 'dev', 'web').config).not.toHaveProperty('D')
  })

  it('gives a part its defaults again where a service asks for what its environment switches off', () => {
    const blueprint = blueprintOf(`
project: shop
services: { web: { build: ./web }, api: { build: ./api } }
environments:
  prod: { defaults: { scaling: false }, services: { web: { scaling: { max: 9 } } } }
`)
    expect(resolveService(blueprint, 'prod', 'web').scaling).toMatchObject({ max: 9, schedules: [] })
    expect(resolveService(blueprint, 'prod', 'api').scaling).toBeUndefined()
  })

  it('scales only when it is asked to, from the numbers that people expect', () => {
    const scaled = blueprintOf(`project: shop
services:
  web:
    build: ./web
    scaling:
      max: 40
      memory: false
      schedules:
        friday: { cron: 0 19 * * FRI, end: 0 23 * * FRI, timezone: Asia/Tokyo, min: 6, max: 40 }
environments:
  dev: { defaults: { scaling: false } }
  prod: { defaults: { scaling: { min: 4 } } }
`)
    expect(resolveService(scaled, 'dev', 'web')).not.toHaveProperty('scaling')
    expect(resolveService(scaled, 'prod', 'web')).toMatchObject({ replicas: 4 })
    expect(resolveService(scaled, 'prod', 'web').scaling).toEqual({
      min: 4,
      max: 40,
      cpu: 70,
      requestsPerTarget: 500,
      scaleInCooldownSeconds: 300,
      schedules: [
        { name: 'friday', cron: '0 19 * * FRI', timezone: 'Asia/Tokyo', min: 6, max: 40 },
        { name: 'friday-end', cron: '0 23 * * FRI', timezone: 'Asia/Tokyo', min: 4, max: 40 },
      ],
    })
  })

  it('takes shorthands for what they stand for', () => {
    const short = blueprintOf(`project: shop
services:
  web:
    image: registry.example.com/web:1.2
    command: node server.js --port 80
    health: /up
    memory: 2GB
    ingress: [/api, shop.example.com, shop.example.com/v1, { host: '*.example.com' }]
    secrets: { db-password: { file: /etc/secrets/db, rotate: 30d } }
    rollout:
      strategy: canary
      bake: 1m30s
      steps: [5, { percent: 50, bake: 2 }, 100]
      verify: { command: [npm, run, smoke] }
      analysis: { comparison: false }
environments: { dev: {} }
`)
    expect(resolveService(short, 'dev', 'web')).toMatchObject({
      command: ['node', 'server.js', '--port', '80'],
      health: { liveness: { path: '/up', periodSeconds: 10 }, readiness: { path: '/up', periodSeconds: 2 } },
      memory: 2048,
      ingress: [
        { path: '/api' },
        { host: 'shop.example.com', path: '/' },
        { host: 'shop.example.com', path: '/v1' },
        { host: '*.example.com', path: '/' },
      ],
      secrets: [{ name: 'db-password', as: { kind: 'file', path: '/etc/secrets/db' } }],
      rollout: {
        steps: [
          { percent: 5, bakeSeconds: 90 },
          { percent: 50, bakeSeconds: 2 },
          { percent: 100, bakeSeconds: 90 },
        ],
        verify: [{ kind: 'command', command: ['npm', 'run', 'smoke'], timeoutSeconds: 300 }],
      },
    })
    expect(resolveService(short, 'dev', 'web').rollout.analysis).not.toHaveProperty('comparison')
  })

  it('is replaced in place by rolling, without steps or standby', () => {
    const rolling = blueprintOf(
      SMALL.replace('build: ./api', 'build: ./api\n    rollout: { strategy: rolling }'),
    )
    expect(resolveService(rolling, 'prod', 'api').rollout).toMatchObject({
      steps: [{ percent: 100, bakeSeconds: 300 }],
      standbySeconds: 0,
    })
  })
})

describe('an environment', () => {
  it('has a tier by its place, and other defaults with it', () => {
    const blueprint = blueprintOf(`project: shop
services: { web: { build: . } }
accounts: { eu: { id: '011122223333', region: eu-central-1 } }
database: { version: '16' }
environments:
  dev: {}
  staging: { local: { port: 8082 } }
  eu: { after: staging }
  us: { after: staging, region: us-east-1, database: false }
`)
    const settings = (name: string) => resolveEnvironment(blueprint, name)
    expect(['dev', 'staging', 'eu', 'us'].map(name => settings(name).tier)).toEqual([
      'development',
      'staging',
      'production',
      'production',
    ])
    expect(['dev', 'staging', 'eu', 'us'].map(name => settings(name).local.port)).toEqual([
      8081, 8082, 8083, 8084,
    ])
    expect(settings('eu')).toMatchObject({
      account: 'eu',
      region: 'eu-central-1',
      after: 'staging',
      database: { engine: 'postgres', version: '16', multiAz: true, deletionProtection: true },
      ecs: { cluster: 'shop-eu', capacity: 'fargate' },
      network: { cidr: '10.30.0.0/16', nat: 'per-zone' },
      backup: { retentionDays: 35 },
    })
    expect(settings('dev')).toMatchObject({ database: { multiAz: false }, backup: false })
    expect(settings('us')).toMatchObject({ region: 'us-east-1', database: false })
  })
})

describe('the policy of a blueprint', () => {
  it('asks for three reviews before production, and for nothing else', () => {
    const { environments } = policyOf(blueprintOf(SMALL))
    expect(
      environments.map(({ name, after, gate }) => ({
        name,
        after,
        kinds: gate.approvals.map(({ kind }) => kind),
      })),
    ).toEqual([
      { name: 'dev', after: undefined, kinds: [] },
      { name: 'staging', after: 'dev', kinds: [] },
      { name: 'prod', after: 'staging', kinds: ['peer', 'business', 'quality'] },
    ])
    expect(environments[2]?.gate.approvals[0]).toEqual({
      kind: 'peer',
      count: 1,
      roles: ['developer', 'operator'],
      expiresSeconds: 604_800,
    })
  })

  it('replaces the reviews as a whole, and keeps them when only checks are written', () => {
    const kinds = (gate: string) => {
      const blueprint = blueprintOf(SMALL.replace('prod: {}', `prod: { gate: ${gate} }`))
      return policyOf(blueprint).environments[2]?.gate.approvals.map(({ kind }) => kind)
    }
    expect(kinds('{ checks: [tests] }')).toEqual(['peer', 'business', 'quality'])
    expect(kinds('{ approvals: { peer: 2 } }')).toEqual(['peer'])
    expect(kinds('{ approvals: {} }')).toEqual([])
    expect(kinds('{ approvals: { peer: 1, quality: 0 } }')).toEqual(['peer'])
  })

  it('lists an environment after the one it is entered from, however they are written', () => {
    const { environments } = policyOf(
      blueprintOf(`project: shop
services: { web: { build: . } }
environments:
  dev: {}
  prod: { after: staging }
  staging: { after: dev }
`),
    )
    expect(environments.map(({ name, after }) => [name, after])).toEqual([
      ['dev', undefined],
      ['staging', 'dev'],
      ['prod', 'staging'],
    ])
  })

  it('has the built-in roles, and the words of the blueprint for them', () => {
    const { roles } = policyOf(
      blueprintOf(`${SMALL}roles:
  qa: { environments: [staging] }
  auditor: { permissions: [read] }
  developer: { permissions: [read], in: { staging: [operate] } }
`),
    )
    expect(roles['viewer']).toEqual({ permissions: ['read'] })
    expect(roles['ci']?.permissions).toContain('promote')
    expect(roles['qa']).toEqual({ permissions: ['read', 'approve'], environments: ['staging'] })
    expect(roles['auditor']).toEqual({ permissions: ['read'] })
    expect(roles['developer']).toEqual({ permissions: ['read'], permissionsIn: { staging: ['operate'] } })
    const builtIn = policyOf(blueprintOf(SMALL)).roles['developer']
    expect(builtIn).toEqual({
      permissions: ['read', 'create-release', 'approve'],
      permissionsIn: { dev: ['promote', 'operate', 'rollback', 'manage-secrets'] },
    })
  })
})

describe('what a rollout on Kubernetes asks', () => {
  const TEXT = `project: shop
services:
  web: { build: ./web }
  own: { build: ./own, rollout: { analysis: { queries: { requests: 'r{color="$color"}[$window]', errors: 'e{color="$color"}[$window]' } } } }
monitoring: { prometheus: 'http://p:9090' }
environments: { laptop: {}, prod: { target: kubernetes } }
`
  const queriesOf = (environment: string, service: string) =>
    resolveService(blueprintOf(TEXT), environment, service).rollout.analysis.queries

  it('is about the counters that scraping is rendered for, and stands in the release', () => {
    expect(queriesOf('prod', 'web')).toEqual(defaultQueries('shop'))
    expect(Object.values(defaultQueries('shop')).map(queryProblem)).toEqual(Array(4).fill(undefined))
  })

  it('is nothing where the target measures by itself', () => {
    expect(queriesOf('laptop', 'web')).toBeUndefined()
  })

  it('is what the service says, and nothing else beside it', () => {
    expect(queriesOf('prod', 'own')).toEqual({
      requests: 'r{color="$color"}[$window]',
      errors: 'e{color="$color"}[$window]',
    })
  })
})
