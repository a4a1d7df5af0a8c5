import { Document, isMap, isScalar, type Node, type YAMLMap } from 'yaml'
import { SCHEMA_FILE } from '../../blueprint/starter.ts'
import type { ImportedService } from './imported-service.ts'
import { leastBlueprint, type Place } from './least-blueprint.ts'
import type { Fields } from './whole-fields.ts'

/** The blueprint as people read it: what a default says is left out, and a comment stands where they have to decide. */
export function blueprintText(imported: readonly ImportedService[], place: Place): string {
  const { services, defaults, overrides } = leastBlueprint(imported, place)
  const shown = Object.fromEntries(
    Object.entries(services).map(([name, fields]) => [name, shorthand(fields)]),
  )
  const document = new Document(
    {
      project: place.project,
      services: shown,
      environments: { [place.environment]: environmentFields(place, { defaults, overrides }) },
    },
    { aliasDuplicateObjects: false },
  )
  document.commentBefore = ` yaml-language-server: $schema=./${SCHEMA_FILE}\n Imported from namespace ${place.namespace}. What is not written here has a documented default: \`sluice explain\`.`
  const environment = ['environments', place.environment]
  for (const { name, remarks } of imported) {
    const bases = [
      ['services', name],
      [...environment, 'services', name],
      [...environment, 'defaults'],
    ]
    for (const { path, text } of remarks) {
      const base = bases.find(each => document.hasIn([...each, ...path])) ?? ['services', name]
      remark(document, [...base, ...path], text)
    }
  }
  remark(
    document,
    [...environment, 'defaults', 'rollout'],
    'nothing measures yet, so silence passes: add `monitoring: { prometheus: http://… }` above and remove this',
  )
  remark(
    document,
    environment,
    'asks for one peer, one business and one quality approval; a small team may begin with less: gate: { approvals: { peer: 1 } }',
  )
  return document.toString({ lineWidth: 0, flowCollectionPadding: true })
}

interface Sizes {
  readonly defaults: Fields
  readonly overrides: Readonly<Record<string, Fields>>
}

function environmentFields({ context, namespace, way }: Place, { defaults, overrides }: Sizes): Fields {
  const { switch: how, ...kubernetes } = way.kubernetes
  return {
    target: 'kubernetes',
    kubernetes: {
      ...(context === undefined ? {} : { context }),
      namespace,
      ...(how === 'ingress' ? {} : { switch: how }),
      ...(kubernetes.ingressClass === 'alb' ? {} : kubernetes),
    },
    ...filled('loadBalancer', way.loadBalancer),
    ...dnsFields(way),
    defaults: { ...defaults, ...UNMEASURED },
    ...filled('services', overrides),
  }
}

/** A certificate that the load balancer was given stands beside the name that it is for. */
function dnsFields({ certificate, rules }: Place['way']): Fields {
  const hosts = [...rules.values()].flat().flatMap(({ host }) => host ?? [])
  const host = hosts.find(each => !each.startsWith('*'))
  return certificate === undefined || host === undefined ? {} : { dns: { host, certificate } }
}

/** The namespace does not say where its metrics are. */
const UNMEASURED: Fields = { rollout: { analysis: { minimumRequests: 0 } } }

const filled = (key: string, fields: Fields): Fields =>
  Object.keys(fields).length === 0 ? {} : { [key]: fields }

/** The short form of what has one. */
function shorthand(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [field, SHORT_FORMS.get(field)?.(value) ?? value]),
  )
}

const SHORT_FORMS: ReadonlyMap<string, (value: unknown) => unknown> = new Map([
  ['health', shortHealth],
  ['secrets', shortSecrets],
  ['ingress', shortIngress],
])

function shortIngress(ingress: unknown): unknown {
  if (!Array.isArray(ingress) || ingress.length !== 1) return ingress
  return ingress[0] === '/' ? true : ingress
}

/** A path alone, where nothing else is said of a probe. */
function shortHealth(health: unknown): unknown {
  return Object.fromEntries(
    Object.entries(isPlainMap(health) ? health : {}).map(([name, probe]) => {
      const keys = isPlainMap(probe) ? Object.keys(probe) : []
      return [name, isPlainMap(probe) && keys.length === 1 && keys[0] === 'path' ? probe['path'] : probe]
    }),
  )
}

/** A list, where every secret has the name of its variable. */
function shortSecrets(secrets: unknown): unknown {
  const entries = Object.entries(isPlainMap(secrets) ? secrets : {})
  const same = entries.every(([name, as]) => isPlainMap(as) && as['variable'] === name)
  return same ? entries.map(([name]) => name) : secrets
}

const isPlainMap = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Puts a comment before the field, or before the nearest one above that is written. */
function remark(document: Document, path: readonly string[], text: string): void {
  for (let length = path.length; length > 1; length--) {
    const parent: unknown = document.getIn(path.slice(0, length - 1), true)
    const key = isMap(parent) ? keyOf(parent, path[length - 1] ?? '') : undefined
    if (key === undefined) continue
    const name = path.slice(length).join('.')
    const before = key.commentBefore?.split('\n') ?? []
    key.commentBefore = [...new Set([...before, ` ${name === '' ? '' : `${name}: `}${text}`])].join('\n')
    return
  }
}

function keyOf(map: YAMLMap, name: string) {
  return map.items.map(({ key }) => key).find(key => isScalar(key) && String(key.value) === name) as
    | (Node & { commentBefore?: string | null })
    | undefined
}
