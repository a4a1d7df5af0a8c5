import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Files, inputOf, renderedDocker } from './docker.fixture.ts'
import { renderDocker } from './render-docker.ts'

const BLUEPRINT = `project: shop
services:
  api:
    build: ./api
    ingress: /api
    secrets: [DATABASE_URL]
  web:
    build: ./web
    ingress: true
    after: [api]
    config: { GREETING: costs $5 }
    files: { /etc/config/settings.json: ./settings.json }
  mail:
    image: registry.example.com/mail:1
    port: 8025
environments: { dev: {}, prod: {} }
`
const NODE = JSON.stringify({
  scripts: { build: 'tsc', dev: 'tsx watch src/main.ts', start: 'node dist/main.js' },
})
const FILES = { 'api/package.json': NODE, 'web/package.json': NODE, 'settings.json': '{}' }

function composeOf(stage: 'dev' | 'prod', blueprint = BLUEPRINT, files: Files = FILES) {
  return parse(renderedDocker(blueprint, files)[`compose.${stage}.yaml`] ?? '')
}

describe('compose.dev.yaml', () => {
  it('runs the development stage over the mounted sources, and says everything', () => {
    expect(composeOf('dev').services.web).toEqual({
      build: { context: './web', dockerfile: 'Dockerfile', target: 'development' },
      environment: {
        API_SERVICE_HOST: 'api',
        API_SERVICE_PORT: '3000',
        GREETING: 'costs $$5',
        LOG_LEVEL: 'debug',
        PORT: '3000',
      },
      ports: ['127.0.0.1:3000:3000'],
      volumes: ['./web:/app', '/app/node_modules'],
      configs: [{ source: 'web-file-1', target: '/etc/config/settings.json' }],
      depends_on: ['api'],
    })
  })

  it('gives every service a port of this machine: its own, else the next', () => {
    const { services } = composeOf('dev')
    expect(services.api.ports).toEqual(['127.0.0.1:3001:3000'])
    expect(services.mail.ports).toEqual(['127.0.0.1:8025:8025'])
  })

  it('does not tell development that it is production', () => {
    const blueprint = BLUEPRINT.replace('GREETING: costs $5', 'NODE_ENV: production')
    expect(composeOf('dev', blueprint).services.web.environment).not.toHaveProperty('NODE_ENV')
    expect(composeOf('prod', blueprint).services.web.environment.NODE_ENV).toBe('production')
  })

  it('mounts nothing where what was built in the image runs, or the team keeps the Dockerfile', () => {
    const built = { scripts: { build: 'tsc', start: 'node dist/main.js' } }
    const files = { ...FILES, 'web/package.json': JSON.stringify(built) }
    expect(composeOf('dev', BLUEPRINT, files).services.web).not.toHaveProperty('volumes')
    const kept = BLUEPRINT.replace('build: ./web', 'build: { context: ./web, dockerfile: Web.Dockerfile }')
    const { web } = composeOf('dev', kept).services
    expect(web).not.toHaveProperty('volumes')
    expect(web.build).toEqual({ context: './web', dockerfile: 'Web.Dockerfile', target: 'production' })
  })

  it('mounts the sources of what is no Node service as well', () => {
    const { web } = composeOf('dev', BLUEPRINT, { 'settings.json': '{}' }).services
    expect(web).toMatchObject({ build: { target: 'production' }, volumes: ['./web:/app'] })
  })

  it('has the database of the environment, with a password of whoever starts it', () => {
    const { services, secrets, volumes } = composeOf('dev', `${BLUEPRINT}database: { version: '17' }\n`)
    expect(services.database).toEqual({
      image: 'postgres:17',
      environment: { POSTGRES_PASSWORD_FILE: '/run/secrets/database-password' },
      volumes: ['database:/var/lib/postgresql/data'],
      secrets: ['database-password'],
    })
    expect(secrets['database-password']).toEqual({ environment: 'DATABASE_PASSWORD' })
    expect(volumes).toEqual({ database: {} })
  })

  it.each([
    ['postgres', '18', 'postgres:18', 'POSTGRES_PASSWORD_FILE', '/var/lib/postgresql'],
    ['aurora-postgresql', '16', 'postgres:16', 'POSTGRES_PASSWORD_FILE', '/var/lib/postgresql/data'],
    ['mysql', '8.4', 'mysql:8.4', 'MYSQL_ROOT_PASSWORD_FILE', '/var/lib/mysql'],
    ['mariadb', '11', 'mariadb:11', 'MARIADB_ROOT_PASSWORD_FILE', '/var/lib/mysql'],
  ])('knows the image of %s %s', (engine, version, image, variable, folder) => {
    const blueprint = `${BLUEPRINT}database: { engine: ${engine}, version: '${version}' }\n`
    const { database } = composeOf('dev', blueprint).services
    expect(database.image).toBe(image)
    expect(Object.keys(database.environment)).toEqual([variable])
    expect(database.volumes).toEqual([`database:${folder}`])
  })

  it('leaves the name `database` to a service that is called so', () => {
    const blueprint = `${BLUEPRINT.replace('  mail:', '  database:')}database: true\n`
    expect(composeOf('dev', blueprint).services.database.image).toBe('registry.example.com/mail:1')
  })
})

describe('compose.prod.yaml', () => {
  it('runs what is released, locked down, and asks for its health', () => {
    expect(composeOf('prod').services.web).toMatchObject({
      build: { context: './web', dockerfile: 'Dockerfile', target: 'production' },
      restart: 'unless-stopped',
      environment: { LOG_LEVEL: 'error' },
      ports: ['80:3000'],
      healthcheck: { test: ['CMD', 'node', '-e', expect.stringContaining('/health')], interval: '10s' },
      depends_on: { api: { condition: 'service_healthy' } },
      stop_grace_period: '30s',
      read_only: true,
      tmpfs: ['/tmp'],
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    })
  })

  it('gives port 80 to what answers everything, the next to other public services, none to the rest', () => {
    const { services } = composeOf('prod')
    expect(services.api.ports).toEqual(['81:3000'])
    expect(services.mail).not.toHaveProperty('ports')
  })

  it('waits for nothing but the start where nothing is known of the health', () => {
    const { web } = composeOf('prod', BLUEPRINT.replace('after: [api]', 'after: [mail]')).services
    expect(web.depends_on).toEqual({ mail: { condition: 'service_started' } })
  })

  it('lets the blueprint have the last word on a variable', () => {
    const blueprint = BLUEPRINT.replace('GREETING: costs $5', 'LOG_LEVEL: warn')
    expect(composeOf('prod', blueprint).services.web.environment.LOG_LEVEL).toBe('warn')
  })

  it('takes secrets from the shell of whoever starts it, by name', () => {
    const blueprint = BLUEPRINT.replace(
      'secrets: [DATABASE_URL]',
      'secrets: { DATABASE_URL: { variable: DB }, db-password: { file: /etc/secrets/db } }',
    )
    const { services, secrets } = composeOf('prod', blueprint)
    expect(services.api.environment.DB).toBeNull()
    expect(services.api.secrets).toEqual([{ source: 'db-password', target: '/etc/secrets/db' }])
    expect(secrets).toEqual({ 'db-password': { environment: 'DB_PASSWORD' } })
  })

  it('gives up the read-only root only where Compose has to copy something into the container', () => {
    const secret = BLUEPRINT.replace('secrets: [DATABASE_URL]', 'secrets: { key: { file: /etc/key } }')
    expect(composeOf('prod', secret).services.api.read_only).toBe(false)
    const content = BLUEPRINT.replace('./settings.json', "{ content: '{}' }")
    const { services, configs } = composeOf('prod', content)
    expect(services.web.read_only).toBe(false)
    expect(configs).toEqual({ 'web-file-1': { content: '{}' } })
    expect(composeOf('prod').services.web.read_only).toBe(true)
  })

  it('runs the image of a release where it is rendered for one, instead of building', () => {
    const image = `registry.example.com/web@sha256:${'5'.repeat(64)}`
    const files = renderDocker({ ...inputOf(BLUEPRINT, FILES), images: { web: image } })
    const { web } = parse(files.find(({ path }) => path === 'compose.prod.yaml')?.text() ?? '').services
    expect(web.image).toBe(image)
    expect(web).not.toHaveProperty('build')
  })
})
