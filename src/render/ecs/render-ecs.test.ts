import { describe, expect, it } from 'vitest'
import type { RenderInput } from '../rendered-file.ts'
import { inputOf } from '../testing/render-input.ts'
import { renderEcs } from './render-ecs.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`

const blueprint = (service: string, environment = '') => `
project: shop
accounts: { prod: { id: '555555555555', region: ap-northeast-1 } }
services: { web: { build: ./web, ${service} } }
environments: { prod: { target: ecs, ${environment} } }
`

function read(input: RenderInput, path: string) {
  const file = renderEcs(input).find(each => each.path === `ecs/prod/${path}`)
  if (file === undefined) throw new Error(`no ${path}`)
  return JSON.parse(file.text())
}

const released = { images: { web: `registry.example.com/web@${DIGEST}` } }

describe('task definitions', () => {
  it('name the image by the digest of the release', () => {
    const task = read(inputOf(blueprint(''), released), 'web/task-definition.json')
    expect(task.containerDefinitions[0].image).toBe(`registry.example.com/web@${DIGEST}`)
  })

  it('refer to secrets by ARN and hold no value', () => {
    const task = read(inputOf(blueprint('secrets: [DATABASE_URL]')), 'web/task-definition.json')
    expect(task.containerDefinitions[0].secrets).toEqual([
      {
        name: 'DATABASE_URL',
        valueFrom: 'arn:aws:secretsmanager:ap-northeast-1:555555555555:secret:shop/prod/DATABASE_URL',
      },
    ])
  })

  it('let a container write mounted files before the service starts', () => {
    const given = `files: { /etc/config/app.json: { content: '{"a": 1}' } }, secrets: { pin: { file: /etc/secrets/pin } }`
    const [writer, web] = read(inputOf(blueprint(given)), 'web/task-definition.json').containerDefinitions
    expect(writer).toMatchObject({
      essential: false,
      command: [
        'sh',
        '-euc',
        'printf %s "$FILE_1" > \'/etc/config/app.json\'\nprintf %s "$FILE_2" > \'/etc/secrets/pin\'',
      ],
      environment: [{ name: 'FILE_1', value: '{"a": 1}' }],
    })
    expect(writer.secrets[0].name).toBe('FILE_2')
    expect(web.dependsOn).toEqual([{ containerName: 'files', condition: 'SUCCESS' }])
    expect(web.mountPoints).toContainEqual({
      sourceVolume: 'files-etc-config',
      containerPath: '/etc/config',
      readOnly: true,
    })
  })

  it('ask the container itself only where the image is known to have Node', () => {
    const plain = read(inputOf(blueprint('')), 'web/task-definition.json')
    expect(plain.containerDefinitions[0].healthCheck).toBeUndefined()
    const builds = { web: { language: 'node', packageManager: 'npm' } } as unknown as RenderInput['builds']
    const node = read(inputOf(blueprint(''), { builds }), 'web/task-definition.json')
    expect(node.containerDefinitions[0].healthCheck).toMatchObject({ interval: 10, timeout: 2, retries: 3 })
  })
})

describe('services', () => {
  it('start blue and leave green empty', () => {
    const input = inputOf(blueprint('replicas: 4'), released)
    expect(read(input, 'web/service-blue.json').desiredCount).toBe(4)
    expect(read(input, 'web/service-green.json').desiredCount).toBe(0)
  })

  it('have no tasks while nobody knows what runs', () => {
    expect(read(inputOf(blueprint('replicas: 4')), 'web/service-blue.json').desiredCount).toBe(0)
  })

  it('have one color where instances are replaced in place', () => {
    const paths = renderEcs(inputOf(blueprint('rollout: { strategy: rolling }'))).map(({ path }) => path)
    expect(paths).toContain('ecs/prod/web/service-blue.json')
    expect(paths).not.toContain('ecs/prod/web/service-green.json')
  })

  it('keep one task on capacity that is not taken away, which wants a weight for that capacity too', () => {
    const spot = read(inputOf(blueprint('spot: true')), 'web/service-blue.json')
    expect(spot.capacityProviderStrategy).toEqual([
      { capacityProvider: 'FARGATE', base: 1, weight: 20 },
      { capacityProvider: 'FARGATE_SPOT', base: 0, weight: 80 },
    ])
    expect(spot.launchType).toBeUndefined()
  })

  it('take the cheapest capacity alone where nobody is harmed', () => {
    const spot = read(inputOf(blueprint('spot: true', 'tier: development')), 'web/service-blue.json')
    expect(spot.capacityProviderStrategy).toEqual([{ capacityProvider: 'FARGATE_SPOT', base: 0, weight: 1 }])
  })
})

describe('scaling', () => {
  it('keeps requests only where a load balancer counts them', () => {
    const paths = (given: string) => renderEcs(inputOf(blueprint(given))).map(({ path }) => path)
    expect(paths('scaling: true')).not.toContain('ecs/prod/web/scaling-policy-requests.json')
    expect(paths('scaling: true, ingress: true')).toContain('ecs/prod/web/scaling-policy-requests.json')
  })
})

describe('schedules', () => {
  it('name a time zone as AWS knows it, however the blueprint writes it', () => {
    const given = `scaling: { schedules: { s: { cron: '0 3 * * *', timezone: japan, min: 1, max: 3 } } }`
    expect(read(inputOf(blueprint(given)), 'web/scaling-schedule-s.json').Timezone).toBe('Asia/Tokyo')
  })
})

describe('instances of the team', () => {
  it('give a task no smaller share than Amazon ECS knows', () => {
    const input = inputOf(blueprint('cpu: 64', 'ecs: { capacity: ec2 }'))
    expect(read(input, 'web/task-definition.json').cpu).toBe('128')
  })
})

describe('the guide', () => {
  const guide = (service: string) => renderEcs(inputOf(blueprint(service)))[0]?.text() ?? ''

  it('names no file that is not there', () => {
    const services = ['', 'ingress: true', 'scaling: true', 'ingress: true, scaling: { cpu: false }']
    for (const service of services) {
      const paths = renderEcs(inputOf(blueprint(service))).map(({ path }) => path)
      const named = [...guide(service).matchAll(/file:\/\/(\S+)/g)].map(([, path]) => `ecs/prod/${path}`)
      expect(named.length).toBeGreaterThan(1)
      expect(paths).toEqual(expect.arrayContaining(named))
    }
  })

  it('speaks of a target group only where users reach the service', () => {
    expect(guide('')).not.toContain('--load-balancers')
    expect(guide('ingress: true')).toContain('--load-balancers')
  })

  it('warns of a secret whose name ends as an ARN of AWS does', () => {
    const secrets = (name: string) => guide(`secrets: { ${name}: { variable: A } }`)
    expect(secrets('jwt-secret')).toContain('`jwt-secret`: a hyphen and six characters')
    expect(secrets('db-password')).not.toContain('a hyphen and six')
  })
})

it('says what is missing instead of inventing an account', () => {
  const input = inputOf(`
project: shop
services: { web: { build: ./web } }
environments: { prod: { target: ecs, region: ap-northeast-1 } }
`)
  const [guide, ...others] = renderEcs(input)
  expect(others).toEqual([])
  expect(guide?.text()).toContain('The blueprint says nothing of `account` for prod')
})
