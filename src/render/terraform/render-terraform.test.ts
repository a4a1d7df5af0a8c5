import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RenderInput } from '../rendered-file.ts'
import { inputOf } from '../testing/render-input.ts'
import { renderTerraform } from './render-terraform.ts'

const HOME = new URL('../../../terraform/', import.meta.url).pathname
const modules = new Map(
  readdirSync(HOME, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.tf') && !path.includes('.terraform'))
    .toSorted()
    .map(path => [path, readFileSync(join(HOME, path), 'utf8')] as const),
)

const SHOP = `
project: shop
accounts:
  one: { id: '111122223333', region: eu-central-1 }
  two: { id: '444455556666', region: eu-central-1 }
services:
  web: { build: ./web, ingress: [shop.example.com, www.shop.example.com], secrets: [API_KEY] }
  api: { build: ./api, ingress: shop.example.com/api }
  worker: { image: 'registry.example.com/worker:1', secrets: { API_KEY: { variable: KEY, rotate: 36h } } }
delivery: { repository: example/shop }
environments:
  dev: { target: ec2, account: one, dns: { host: dev.example.com } }
  staging: { target: ecs, account: one, defaults: { scaling: { min: 2, max: 4 } } }
  prod:
    target: kubernetes
    account: two
    monitoring: { prometheus: 'http://p:9090' }
    kubernetes: { cluster: { version: '1.34' } }
    database: { replicaRegion: eu-west-1 }
  laptop: {}
`

function filesOf(yaml: string, more: Partial<RenderInput> = {}): ReadonlyMap<string, string> {
  const files = renderTerraform(inputOf(yaml, { modules, ...more }))
  return new Map(files.map(file => [file.path, file.text()]))
}

const shop = filesOf(SHOP)
const tfvars = (environment: string, files = shop): string =>
  files.get(`terraform/environments/${environment}/terraform.tfvars`) ?? ''

/** The value of a variable, as it is written. */
function valueIn(text: string, name: string): string {
  const [, value = ''] = new RegExp(`^${name} += ((?:[{\\[]\\n[^]*?^[}\\]])|.*)$`, 'm').exec(text) ?? []
  return value
}

describe('Terraform of a blueprint', () => {
  it('has the same files in every environment, whatever runs it, but for two', () => {
    for (const name of ['main', 'variables', 'outputs', 'versions', 'providers']) {
      const texts = ['dev', 'staging', 'prod'].map(each =>
        shop.get(`terraform/environments/${each}/${name}.tf`),
      )
      expect(texts[0]).toContain('\n')
      expect(new Set(texts).size).toBe(1)
    }
    const names = [...shop.keys()].filter(path => path.startsWith('terraform/environments/dev/'))
    expect(names.map(path => path.split('/').at(-1))).toEqual([
      'backend.tf',
      'main.tf',
      'outputs.tf',
      'providers.tf',
      'terraform.tfvars',
      'variables.tf',
      'versions.tf',
    ])
  })

  it('has nothing for a laptop', () => {
    expect([...shop.keys()].filter(path => path.includes('laptop'))).toEqual([])
    expect(
      filesOf('project: shop\nservices: { web: { build: ./web } }\nenvironments: { dev: {} }').size,
    ).toBe(0)
  })

  it('says in the first line of each file where it comes from', () => {
    for (const [path, text] of shop)
      expect(text.split('\n')[0], path).toMatch(
        /^(?:# |<!-- )Rendered by Sluice from sluice\.yaml\. Do not edit/,
      )
  })

  it('is sorted, and every file ends its last line', () => {
    expect([...shop.keys()]).toEqual([...shop.keys()].toSorted())
    for (const text of shop.values()) expect(text).toMatch(/[^\n]\n$/)
  })

  it('leaves no variable without a value', () => {
    const declared = (text: string) => {
      const [inputs = ''] = text.split('# Beside the blueprint')
      return [...inputs.matchAll(/^variable "(\w+)"/gm)].map(([, name = '']) => name).toSorted()
    }
    for (const folder of ['environments/prod', 'foundation/prod', 'shared']) {
      const values = shop.get(`terraform/${folder}/terraform.tfvars`) ?? ''
      const given = [...values.matchAll(/^(\w+) += /gm)].map(([, name = '']) => name).toSorted()
      expect(given, folder).toEqual(declared(shop.get(`terraform/${folder}/variables.tf`) ?? ''))
    }
  })

  it('gives each environment what runs its services, and null for the rest', () => {
    const parts = ['ecs_cluster', 'ec2', 'eks_cluster', 'load_balancer']
    const isNull = (environment: string) => parts.map(part => valueIn(tfvars(environment), part) === 'null')
    expect(isNull('dev')).toEqual([true, false, true, false])
    expect(isNull('staging')).toEqual([false, true, true, false])
    expect(isNull('prod')).toEqual([true, true, false, true])
  })

  it('keeps states apart by account, environment and folder', () => {
    const states = [...shop].flatMap(([path, text]) => (path.endsWith('/backend.tf') ? [text] : []))
    expect(states).toHaveLength(7)
    const places = states.map(text => /bucket += (.*)\n.*key += (.*)\n/.exec(text)?.slice(1).join(' '))
    expect(new Set(places).size).toBe(7)
    expect(shop.get('terraform/environments/prod/backend.tf')).toContain('"shop-prod-state-444455556666"')
  })

  it('names only hosts below the environment’s own: others belong to other environments', () => {
    const prod = filesOf(SHOP.replace('dev.example.com', 'shop.example.com'))
    expect(valueIn(tfvars('dev'), 'load_balancer')).toContain('other_hosts         = []')
    expect(valueIn(tfvars('dev', prod), 'load_balancer')).toContain('["www.shop.example.com"]')
  })

  it('rotates a secret as often as the most hurried service asks, in whole days', () => {
    expect(valueIn(tfvars('staging'), 'secrets')).toBe('{\n  API_KEY = {\n    rotation_days = 2\n  }\n}')
  })

  it('names images of the release where there is one, and the registry’s place before', () => {
    expect(tfvars('staging')).toContain(
      '111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop/web:unreleased"',
    )
    const released = filesOf(SHOP, { images: { web: 'registry.example.com/web@sha256:abc' } })
    expect(tfvars('staging', released)).toContain('"registry.example.com/web@sha256:abc"')
  })

  it('puts the copy of a database into a network that meets no other', () => {
    expect(valueIn(tfvars('prod'), 'database')).toContain('vpc_cidr = "10.31.0.0/16"')
  })

  it('lets services out to each network once, whoever asks for it', () => {
    const asking = SHOP.replace(/ build: /g, ' egress: [{ to: 10.0.0.0/8, ports: [5432, 443] }], build: ')
    expect(valueIn(tfvars('staging', filesOf(asking)), 'network')).toContain(
      '"10.0.0.0/8" = {\n      cidr  = "10.0.0.0/8"\n      ports = [443, 5432]',
    )
  })

  it('makes GitHub’s identity provider once in each account', () => {
    const made = ['shared', 'foundation/dev', 'foundation/staging', 'foundation/prod'].map(folder =>
      valueIn(shop.get(`terraform/${folder}/terraform.tfvars`) ?? '', 'github').includes(
        'makes_provider = true',
      ),
    )
    expect(made).toEqual([true, false, false, true])
  })

  it('keeps users for Sluice’s server to move: no workflow enters a cluster', () => {
    expect(valueIn(tfvars('prod'), 'eks_cluster')).toContain('shop-prod-sluice')
    for (const text of shop.values()) expect(text).not.toMatch(/shop-(?:dev|staging|prod)-deploy/)
  })

  it('tells roles which cluster and which database are the environment’s', () => {
    const named = (yaml: string, environment: string, variable: string) =>
      valueIn(filesOf(yaml).get(`terraform/foundation/${environment}/terraform.tfvars`) ?? '', variable)
    expect(['dev', 'staging', 'prod'].map(each => named(SHOP, each, 'cluster_name'))).toEqual([
      'null',
      '"shop-staging"',
      '"shop-prod"',
    ])
    const own = SHOP.replace('target: ecs,', 'target: ecs, ecs: { cluster: fleet },')
    expect(named(own, 'staging', 'cluster_name')).toBe('"fleet"')
    const long = SHOP.replace('project: shop', `project: ${'s'.repeat(40)}`)
    const made = /name += (".*")/.exec(valueIn(tfvars('prod', filesOf(long)), 'eks_cluster'))?.[1]
    expect(made).toHaveLength(40)
    expect(named(long, 'prod', 'cluster_name')).toBe(made)
    expect(named(SHOP.replace('project: shop', 'project: 1-shop'), 'prod', 'database_identifier')).toBe(
      '"db-1-shop-prod"',
    )
  })

  it('stops an environment when it is idle, with or without scaling', () => {
    const idle = SHOP.replace(
      'target: ecs,',
      "target: ecs, schedules: { nights: { stop: '0 20 * * MON-FRI', start: '0 8 * * MON-FRI', timezone: Japan } },",
    )
    const services = valueIn(tfvars('staging', filesOf(idle)), 'services')
    expect(services).toContain(
      'schedule = "cron(0 20 ? * MON-FRI *)"\n          timezone = "Asia/Tokyo"\n          min      = 0',
    )
    expect(valueIn(tfvars('staging', filesOf(idle)), 'idle')).toContain(
      'start    = ["cron(0 8 ? * MON-FRI *)"]',
    )
    const unscaled = valueIn(
      tfvars('staging', filesOf(idle.replace('min: 2, max: 4', 'min: 1, max: 1'))),
      'services',
    )
    expect(unscaled).toContain('nights-start')
  })

  it('writes schedules of instances in five fields', () => {
    const idle = SHOP.replace(
      'target: ec2,',
      "target: ec2, schedules: { nights: { stop: '0  20 * * fri', start: '0 8 * * 1' } },",
    )
    expect(tfvars('dev', filesOf(idle))).toContain('schedule = "0 20 * * FRI"')
  })

  it('says in its guide what the blueprint lacks', () => {
    const yaml = `
project: shop
services: { web: { build: ./web } }
environments:
  dev: { target: ecs, region: eu-central-1, budget: { monthly: 5 } }
  prod: { target: kubernetes, monitoring: { prometheus: 'http://p:9090' } }
`
    const guide = filesOf(yaml).get('terraform/README.md')
    expect(guide).toContain('`prod` has no region: nothing is rendered for it.')
    expect(guide).toContain('`dev` has no account')
    expect(guide).toContain('`dev` has a budget and nobody to tell')
    expect([...filesOf(yaml).keys()].filter(path => /backend|foundation|shared/.test(path))).toEqual([])
  })

  it('holds the guardrails of an organization as files that can be read', () => {
    const yaml = SHOP.replace(
      'services:',
      'organization: { managementAccount: two, units: { Prod: { accounts: [one], guardrails: [audit-trail-locked] } } }\nservices:',
    )
    const files = filesOf(yaml)
    const policy: unknown = JSON.parse(
      files.get('terraform/organization/policies/audit-trail-locked.json') ?? '',
    )
    expect(policy).toHaveProperty('Statement')
    const values = files.get('terraform/organization/terraform.tfvars') ?? ''
    expect(valueIn(values, 'policies')).toBe('["audit-trail-locked"]')
    expect(valueIn(values, 'accounts')).not.toContain('444455556666')
  })
})
