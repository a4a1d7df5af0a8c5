import { describe, expect, it } from 'vitest'
import type { ClusterObject } from '../api/cluster-object.ts'
import { differencesOf } from './compare.ts'

const WANTED = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web-blue', labels: { team: 'shop' } },
  spec: {
    replicas: 3,
    template: {
      spec: {
        containers: [
          {
            name: 'web',
            image: 'web@sha256:1',
            env: [{ name: 'PORT', value: '3000' }],
            ports: [{ name: 'http', containerPort: 3000, protocol: 'TCP' }],
          },
        ],
      },
    },
  },
}

type Content = Pick<ClusterObject, 'spec'>

function live(
  content: Content = WANTED,
  managedFields: ClusterObject['metadata']['managedFields'] = [],
): ClusterObject {
  return {
    ...WANTED,
    ...content,
    metadata: {
      ...WANTED.metadata,
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      managedFields,
    },
    status: { replicas: 1 },
  }
}

const withContainer = (changes: object): Content => ({
  spec: {
    ...WANTED.spec,
    template: { spec: { containers: [{ ...WANTED.spec.template.spec.containers[0], ...changes }] } },
  },
})

describe('comparing what is in place', () => {
  it('has nothing to say where all is as released, whatever the status is', () => {
    expect(differencesOf(WANTED, live())).toEqual([])
  })

  it('names a field with whose it is and since when', () => {
    const managedFields = [
      {
        manager: 'kubectl-set',
        operation: 'Update' as const,
        time: '2026-01-02T03:04:05Z',
        fieldsV1: {
          'f:spec': {
            'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { 'f:image': {} } } } },
          },
        },
      },
      { manager: 'sluice', operation: 'Apply' as const, fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
    ]
    expect(differencesOf(WANTED, live(withContainer({ image: 'web:latest' }), managedFields))).toEqual([
      {
        object: 'Deployment web-blue',
        field: '.spec.template.spec.containers[name="web"].image',
        released: 'web@sha256:1',
        live: 'web:latest',
        manager: 'kubectl-set',
        at: Date.parse('2026-01-02T03:04:05Z'),
      },
    ])
  })

  it('sees what somebody added and what somebody took away', () => {
    const changed = withContainer({ env: [{ name: 'DEBUG', value: '*' }], args: ['--inspect'] })
    expect(differencesOf(WANTED, live(changed))).toEqual([
      {
        object: 'Deployment web-blue',
        field: '.spec.template.spec.containers[name="web"].args',
        live: '["--inspect"]',
      },
      {
        object: 'Deployment web-blue',
        field: '.spec.template.spec.containers[name="web"].env[name="PORT"]',
        released: '{"name":"PORT","value":"3000"}',
      },
      {
        object: 'Deployment web-blue',
        field: '.spec.template.spec.containers[name="web"].env[name="DEBUG"]',
        live: '(not shown: it may be a secret)',
      },
    ])
  })

  it('tells what is within an item without a key, also where all of the list is one owner’s', () => {
    const rules = (weight: number) => ({
      spec: { rules: [{ backendRefs: [{ name: 'web-green', weight }] }] },
    })
    const managedFields = [
      {
        manager: 'kubectl-patch',
        operation: 'Update' as const,
        time: '2026-01-02T03:04:05Z',
        fieldsV1: { 'f:spec': { 'f:rules': {} } },
      },
    ]
    expect(differencesOf({ ...WANTED, ...rules(50) }, live(rules(30), managedFields))).toEqual([
      {
        object: 'Deployment web-blue',
        field: '.spec.rules[0].backendRefs[name="web-green"].weight',
        released: '50',
        live: '30',
        manager: 'kubectl-patch',
        at: Date.parse('2026-01-02T03:04:05Z'),
      },
    ])
  })

  it('tells an object that is not there', () => {
    expect(differencesOf(WANTED, undefined)).toEqual([
      { object: 'Deployment web-blue', field: '', released: 'present' },
    ])
  })

  it('leaves others their labels, and wants its own', () => {
    const seen = live()
    const theirs = { ...seen, metadata: { ...seen.metadata, labels: { team: 'ops', 'their/own': 'x' } } }
    expect(differencesOf(WANTED, theirs)).toMatchObject([
      { field: '.metadata.labels.team', released: 'shop', live: 'ops' },
    ])
  })

  it('does not take an address that the cluster gave to a Service for a difference', () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { clusterIP: '10.0.0.1' },
    }
    const seen = { ...live(), ...service, metadata: live().metadata, spec: { clusterIP: '10.0.0.2' } }
    expect(differencesOf({ ...service, metadata: { name: 'web' } }, seen)).toEqual([])
  })
})
