import { describe, expect, it } from 'vitest'
import { inputOf } from '../testing/render-input.ts'
import { renderOrganization } from './render-organization.ts'

const INPUT = inputOf(`
project: shop
services: { web: { image: registry.example.com/web:1 } }
accounts:
  management: { id: '111111111111' }
  dev: { id: '333333333333', region: ap-northeast-1 }
  prod: { id: '555555555555', region: ap-southeast-1 }
organization:
  managementAccount: management
  units:
    ProdOU: { accounts: [prod], guardrails: [allowed-regions, no-public-database, protected-deletion] }
environments: { dev: { target: ecs }, prod: { target: ecs } }
`)

const fileAt = (path: string) => {
  const file = renderOrganization(INPUT).find(each => each.path === `organization/${path}`)
  if (file === undefined) throw new Error(`no ${path}`)
  return JSON.parse(file.text())
}

describe('the organization', () => {
  it('allows the regions of all accounts where the blueprint names none', () => {
    expect(fileAt('policies/allowed-regions.json').Statement[0].Condition).toEqual({
      StringNotEquals: { 'aws:RequestedRegion': ['ap-northeast-1', 'ap-southeast-1'] },
    })
  })

  it('refuses to lock everybody out where no region is known', () => {
    const input = inputOf(`
project: shop
services: { web: { image: registry.example.com/web:1 } }
accounts: { prod: { id: '555555555555' } }
organization: { units: { ProdOU: { accounts: [prod], guardrails: [allowed-regions] } } }
environments: { prod: {} }
`)
    expect(() => renderOrganization(input)).toThrow('guardrails.allowed-regions: allows no region')
  })

  it('wants every database to be made as private, and refuses one that says nothing', () => {
    expect(fileAt('policies/no-public-database.json').Statement[0].Condition).toEqual({
      BoolIfExists: { 'rds:PubliclyAccessible': 'true' },
    })
  })

  it('lets the admin roles of the accounts delete, by their whole ARN', () => {
    expect(fileAt('policies/protected-deletion.json').Statement[0].Condition).toEqual({
      ArnNotEquals: {
        'aws:PrincipalArn': [
          'arn:aws:iam::333333333333:role/shop-dev-admin',
          'arn:aws:iam::555555555555:role/shop-prod-admin',
        ],
      },
    })
  })

  it('shows the tree of units with the policies of each', () => {
    expect(fileAt('units.json').units).toEqual([
      {
        name: 'ProdOU',
        parent: 'Root',
        accounts: [{ name: 'prod', id: '555555555555' }],
        policies: ['FullAWSAccess', 'allowed-regions', 'no-public-database', 'protected-deletion'],
      },
    ])
  })

  it('trusts people of the management account who showed a second factor', () => {
    expect(fileAt('roles/dev/developer.trust.json').Statement[0]).toMatchObject({
      Principal: { AWS: 'arn:aws:iam::111111111111:root' },
      Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
    })
  })

  it('gives the operator of production to nobody but the control plane, for a person, an approval and an hour', () => {
    const [afterApproval, whoAndWhy] = fileAt('roles/prod/operator.trust.json').Statement
    expect(afterApproval).toEqual({
      Sid: 'AfterApproval',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::333333333333:role/shop-sluice-server' },
      Action: ['sts:AssumeRole'],
      Condition: {
        StringEquals: { 'sts:ExternalId': 'shop' },
        StringLike: { 'sts:SourceIdentity': '?*', 'aws:RequestTag/sluice:approval': '?*' },
        NumericLessThanEquals: { 'sts:DurationSeconds': '3600' },
      },
    })
    expect(whoAndWhy.Principal).toEqual(afterApproval.Principal)
  })

  it('makes no role that needs an approval where nobody could give one', () => {
    const input = inputOf(`
project: shop
services: { web: { image: registry.example.com/web:1 } }
accounts: { prod: { id: '555555555555' } }
roles: { auditor: { aws: { prod: read } } }
monitoring: { prometheus: 'http://p:9090' }
environments: { prod: { target: kubernetes } }
`)
    const paths = renderOrganization(input).map(({ path }) => path)
    expect(paths).toContain('organization/roles/prod/auditor.trust.json')
    expect(paths.filter(path => /operator|admin/.test(path))).toEqual([])
  })

  it('refuses sessions that are longer than the blueprint lets them be, which a role of AWS cannot under an hour', () => {
    const input = inputOf(`
project: shop
services: { web: { image: registry.example.com/web:1 } }
accounts: { prod: { id: '555555555555', region: ap-northeast-1 } }
roles: { auditor: { aws: { prod: read }, maxSession: 15m }, admin: { maxSession: 12h } }
environments: { prod: { target: ecs } }
`)
    const texts = new Map(renderOrganization(input).map(({ path, text }) => [path, text()]))
    const auditor = texts.get('organization/roles/prod/auditor.trust.json') ?? ''
    expect(auditor).toContain('"sts:DurationSeconds": "900"')
    expect(texts.get('organization/roles/prod/admin.trust.json')).toContain('"sts:DurationSeconds": "3600"')
    expect(texts.get('organization/README.md')).not.toMatch(/--max-session-duration (?!3600)/)
  })

  it('opens no shell for operators where secrets of a service can be read', () => {
    expect(JSON.stringify(fileAt('roles/prod/operator.permissions.json'))).not.toMatch(
      /ssm:StartSession|ecs:ExecuteCommand/,
    )
  })

  it('shows no secret value to those who may only look', () => {
    const paths = renderOrganization(INPUT).map(({ path }) => path)
    expect(paths).not.toContain('organization/roles/dev/qa.permissions.json')
    const { Statement } = fileAt('roles/prod/operator.permissions.json')
    const refused = Statement.filter((each: { Effect: string }) => each.Effect === 'Deny')
    expect(refused[0].Action).toContain('secretsmanager:GetSecretValue')
  })
})
