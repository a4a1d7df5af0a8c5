import { sha256 } from '../../model/sha256.ts'
import { fitName } from '../names.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { metadata } from './metadata.ts'
import type { ServicePlan } from './service-plan.ts'

/** Kubernetes: keys of a ConfigMap have at most 253 characters. */
const KEY_LENGTH = 253
const HASH_LENGTH = 10

/** What a file has to be carried as bytes for: control characters and halves of characters. */
const BINARY = /[^\t\n\r\x20-\u{10ffff}]|\p{Cs}|\x7f/u

/** Variables and mounted files of a service, each in a ConfigMap whose name says its content. */
export interface ServiceConfig {
  /** Undefined without variables. */
  readonly variables: NamedContent | undefined
  /** Undefined without files. */
  readonly files: (NamedContent & { readonly keys: readonly FileKey[] }) | undefined
}

interface NamedContent {
  readonly name: string
  readonly content: { readonly data?: Texts; readonly binaryData?: Texts }
}

export interface FileKey {
  readonly key: string
  /** In the container. */
  readonly path: string
}

type Texts = Readonly<Record<string, string>>

export function serviceConfig({ service, spec }: Pick<ServicePlan, 'service' | 'spec'>): ServiceConfig {
  const keys = fileKeys(Object.keys(spec.files))
  const files = keys.map(({ key, path }) => [key, spec.files[path] ?? ''] as const)
  const variables = Object.entries(spec.config).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    variables:
      variables.length === 0
        ? undefined
        : named(`${service}-config`, variables, { data: Object.fromEntries(variables) }),
    files: files.length === 0 ? undefined : { ...named(`${service}-files`, files, fileContent(files)), keys },
  }
}

/** They never change: a rollback brings the former ones back, and nobody can edit what a release was checked with. */
export function configMaps(
  plan: ServicePlan,
  { variables, files }: ServiceConfig,
): readonly KubernetesObject[] {
  return [variables, files].flatMap(each =>
    each === undefined
      ? []
      : [
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: metadata(plan, each.name),
            immutable: true,
            ...each.content,
          },
        ],
  )
}

/** Numbered, for the same name may stand in several folders. */
function fileKeys(paths: readonly string[]): readonly FileKey[] {
  return paths.toSorted().map((path, index) => ({
    key: fitName(`${index + 1}-${path.slice(path.lastIndexOf('/') + 1)}`, KEY_LENGTH),
    path,
  }))
}

type Entries = readonly (readonly [string, string])[]

function named(prefix: string, entries: Entries, content: NamedContent['content']): NamedContent {
  const hash = sha256(JSON.stringify(entries)).slice('sha256:'.length).slice(0, HASH_LENGTH)
  return { name: `${prefix}-${hash}`, content }
}

function fileContent(files: Entries): NamedContent['content'] {
  const text = files.filter(([, value]) => !BINARY.test(value))
  const binary = files.filter(([, value]) => BINARY.test(value))
  return {
    ...(text.length === 0 ? {} : { data: Object.fromEntries(text) }),
    ...(binary.length === 0 ? {} : { binaryData: Object.fromEntries(binary.map(encoded)) }),
  }
}

function encoded([key, value]: readonly [string, string]): readonly [string, string] {
  return [key, Buffer.from(value, 'utf8').toString('base64')]
}
