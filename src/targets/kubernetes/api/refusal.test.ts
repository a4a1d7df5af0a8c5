import { describe, expect, it } from 'vitest'
import { FieldsOwned, ObjectChanged } from './cluster.ts'
import { refusalOf } from './refusal.ts'

const refused = (status: number, body: unknown) => refusalOf({ status, body, about: 'Deployment web' })

describe('refusalOf', () => {
  it.each([
    ['too many requests', 429, { reason: 'TooManyRequests', message: 'too many requests' }],
    ['an overloaded store', 500, { message: 'etcdserver: request timed out' }],
    ['a server that shuts down', 503, { message: 'apiserver is shutting down' }],
    [
      'a time limit',
      504,
      { reason: 'Timeout', message: 'the server was unable to return a response in time' },
    ],
    [
      'a webhook that does not answer',
      500,
      { message: 'failed calling webhook "a.b": context deadline exceeded' },
    ],
    [
      'a webhook that may not be called',
      403,
      { message: 'failed calling webhook "a.b": tls: bad certificate' },
    ],
    ['a quota that is not counted yet', 403, { message: 'status unknown for quota: few, resources: pods' }],
    ['roles that are not read yet', 403, { message: 'cannot get: RBAC: clusterrole "edit" not found' }],
    ['a quota that others change as well', 409, { reason: 'Conflict', details: { kind: 'resourcequotas' } }],
    ['an object that somebody else makes', 409, { reason: 'AlreadyExists', message: 'already exists' }],
  ])('passes: %s', (_, status, body) => {
    const refusal = refused(status, body)
    expect(refusal.isFinal).toBe(false)
    expect(refusal).not.toBeInstanceOf(ObjectChanged)
  })

  it.each([
    ['what is invalid', 422, { reason: 'Invalid', message: 'spec.replicas: Invalid value: -1' }],
    ['a webhook that denies', 403, { message: 'admission webhook "a.b" denied the request: no latest' }],
    [
      'a webhook that denies without a status',
      400,
      { message: 'admission webhook "a.b" denied the request' },
    ],
    ['a quota', 403, { reason: 'Forbidden', message: 'exceeded quota: few' }],
    ['a namespace that goes', 403, { message: 'because it is being terminated' }],
    [
      'a schema',
      500,
      { message: 'failed to create typed patch object (a/b): .c: field not declared in schema' },
    ],
  ])('stays: %s', (_, status, body) => {
    expect(refused(status, body)).toMatchObject({ isFinal: true, message: `Deployment web: ${body.message}` })
  })

  it('takes nothing for final that a server says before it is ready', () => {
    const body = { reason: 'Forbidden', message: 'user cannot get' }
    expect(refusalOf({ status: 403, body, about: 'Pod web', isReady: false }).isFinal).toBe(false)
  })

  it('names fields and their managers', () => {
    const cause = (message: string, field: string) => ({ reason: 'FieldManagerConflict', message, field })
    const causes = [
      cause('conflict with "kubectl-client-side-apply" using apps/v1', '.spec.replicas'),
      cause('conflict with "helm" with subresource "scale" using apps/v1', '.spec.paused'),
    ]
    const refusal = refused(409, { reason: 'Conflict', message: 'two conflicts', details: { causes } })
    expect(refusal).toBeInstanceOf(FieldsOwned)
    expect(refusal).toMatchObject({
      isFinal: true,
      owned: [
        { field: '.spec.replicas', manager: 'kubectl-client-side-apply' },
        { field: '.spec.paused', manager: 'helm' },
      ],
    })
  })

  it('reads what is no Status: a page of a balancer, a line, nothing', () => {
    expect(refused(502, '<html>Bad Gateway</html>').message).toBe('Deployment web: <html>Bad Gateway</html>')
    expect(refused(503, '').message).toBe('Deployment web: the API server answered 503')
    expect(refused(500, null).message).toBe('Deployment web: the API server answered 500')
    expect(refused(500, 'x'.repeat(10_000)).message.length).toBeLessThan(2100)
  })

  it('withholds what a webhook says of a Secret, and names the webhook', () => {
    const message = 'admission webhook "policy.example" denied the request: "hunter2" is too short'
    const refusal = refusalOf({ status: 403, body: { message }, about: 'Secret token', sentSecret: true })
    expect(refusal.message).toBe(
      'Secret token: admission webhook "policy.example" denied it, in words that may quote the secret',
    )
  })

  it('tells of a Secret what is made of names only', () => {
    const message = 'secrets "token" is forbidden: exceeded quota: few, requested: secrets=1'
    const refusal = refusalOf({ status: 403, body: { message }, about: 'Secret token', sentSecret: true })
    expect(refusal.message).toBe(`Secret token: ${message}`)
  })
})
