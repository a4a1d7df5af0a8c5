import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeclaredRoute } from './testing/routes.ts'
import { startServer, type TestServer } from './testing/start-server.ts'

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly security?: readonly unknown[]
  readonly requestBody?: unknown
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>
}

interface Document {
  readonly openapi: string
  readonly info: { readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
  readonly tags: readonly { readonly name: string }[]
}

let test: TestServer
let document: Document
const routes: DeclaredRoute[] = []

beforeAll(async () => {
  test = await startServer({ onRoute: route => routes.push(route) })
  const headers = { host: 'localhost' }
  document = (await test.server.inject({ url: '/api/openapi.json', headers })).json<Document>()
})

afterAll(() => test.close())

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ where: `${method} ${path}`, operation })),
  )

function references(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : references(inner),
  )
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate({ ...document })
    expect(result.errors ?? []).toEqual([])
    expect(result.valid).toBe(true)
    expect(document.openapi).toBe('3.1.0')
    expect(document.info.version).toBe('1.2.3')
  })

  it('describes every route', () => {
    const described = operations().map(({ where }) => where)
    const served = routes.map(
      ({ method, url }) => `${method.toLowerCase()} ${url.replaceAll(/:(\w+)/g, '{$1}')}`,
    )
    expect(described.toSorted()).toEqual(served.toSorted())
  })

  it('refers to nothing that is not there', () => {
    const known = new Set(
      Object.keys(document.components.schemas).map(name => `#/components/schemas/${name}`),
    )
    const all = references(document)
    expect(all.length).toBeGreaterThan(100)
    expect(all.filter(reference => !known.has(reference))).toEqual([])
  })

  it('says for every operation what it does, under a known tag, with a name of its own', () => {
    const tags = new Set(document.tags.map(({ name }) => name))
    const all = operations()
    expect(all.filter(({ operation }) => operation.summary === undefined)).toEqual([])
    expect(all.filter(({ operation }) => !operation.tags?.every(tag => tags.has(tag)))).toEqual([])
    expect(new Set(all.map(({ operation }) => operation.operationId)).size).toBe(all.length)
  })

  it('has problems for what needs a token, and says which operations need none', () => {
    for (const { where, operation } of operations()) {
      const isPublic = operation.security?.length === 0
      const path = where.split(' ')[1] ?? ''
      expect(isPublic, where).toBe(['/healthz', '/readyz', '/api/openapi.json'].includes(path))
      if (isPublic) continue
      for (const status of ['401', '500'])
        expect(Object.keys(operation.responses[status]?.content ?? {}), where).toEqual([
          'application/problem+json',
        ])
    }
  })
})
