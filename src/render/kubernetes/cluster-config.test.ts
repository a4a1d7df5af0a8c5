import { describe, expect, it } from 'vitest'
import { objectsOf, valuesOf } from '../testing/objects-of.ts'
import { inputOf } from '../testing/render-input.ts'
import { renderKubernetes } from './render-kubernetes.ts'

const ACCOUNT = `accounts: { prod: { id: '555555555555', region: ap-northeast-1 } }`

function clusters(cluster: string, accounts = ACCOUNT): readonly unknown[] {
  const input = inputOf(`
project: shop
monitoring: { prometheus: 'https://prometheus.example.com' }
${accounts}
services: { web: { build: ./web, secrets: [TOKEN] }, api: { build: ./api } }
environments: { prod: { target: kubernetes, kubernetes: { ${cluster} } } }`)
  return objectsOf(renderKubernetes(input)).flatMap(({ kind, content }) =>
    kind === 'ClusterConfig' ? [content] : [],
  )
}

const at = (data: unknown, key: string): unknown => valuesOf(data, key)[0]

describe('a ClusterConfig for eksctl', () => {
  it('has node groups in private networks, sorted, with the sizes of the blueprint', () => {
    const groups =
      'b: { instanceType: m5.large, min: 2, max: 6, desired: 3 }, a: { instanceType: t3.small, min: 0, max: 2, spot: true }'
    const [config] = clusters(`cluster: { version: '1.34', nodeGroups: { ${groups} }, fargate: [jobs] }`)
    expect(at(config, 'metadata')).toMatchObject({
      name: 'shop-prod',
      region: 'ap-northeast-1',
      version: '1.34',
    })
    expect(at(config, 'managedNodeGroups')).toMatchObject([
      {
        name: 'a',
        instanceTypes: ['t3.small'],
        spot: true,
        minSize: 0,
        desiredCapacity: 0,
        privateNetworking: true,
        disablePodIMDS: true,
      },
      { name: 'b', spot: false, minSize: 2, maxSize: 6, desiredCapacity: 3 },
    ])
    expect(at(config, 'fargateProfiles')).toEqual([{ name: 'jobs', selectors: [{ namespace: 'jobs' }] }])
  })

  it('lets a service read its own secrets and no others', () => {
    const [config] = clusters('cluster: {}')
    const roles = JSON.stringify(at(config, 'serviceAccounts'))
    expect(roles).toContain('"roleName":"shop-prod-web-task"')
    expect(roles).toContain(
      'arn:aws:secretsmanager:ap-northeast-1:555555555555:secret:shop/prod/TOKEN-??????',
    )
    expect(roles).not.toContain('shop-prod-api')
  })

  it('lets people in as the groups that the RoleBindings name, and whoever owns it to the whole cluster', () => {
    const entries = at(clusters('cluster: {}')[0], 'accessEntries')
    expect(entries).toMatchObject([
      {
        principalARN: 'arn:aws:iam::555555555555:role/shop-prod-admin',
        kubernetesGroups: ['shop:admin'],
        accessPolicies: [
          {
            policyARN: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy',
            accessScope: { type: 'cluster' },
          },
        ],
      },
      {
        principalARN: 'arn:aws:iam::555555555555:role/shop-prod-operator',
        kubernetesGroups: ['shop:operator'],
      },
      { kubernetesGroups: ['shop:sluice'] },
    ])
    expect(valuesOf(at(entries, '1'), 'accessPolicies')).toEqual([])
  })

  it('lets the server of Sluice do what its own Role says, and nothing else', () => {
    const entries = JSON.stringify(at(clusters('cluster: {}')[0], 'accessEntries'))
    expect(entries).toContain(
      '{"principalARN":"arn:aws:iam::555555555555:role/shop-prod-sluice","kubernetesGroups":["shop:sluice"]}',
    )
  })

  it('is not rendered for a cluster that exists, nor for one that stands nowhere', () => {
    expect(clusters('namespace: shop')).toEqual([])
    expect(clusters('cluster: {}', '')).toEqual([])
  })
})
