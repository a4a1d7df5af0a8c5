import { readFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { UserError } from '../../../../model/user-error.ts'

/** What the kubeconfig files say together: of what several of them name, the first one's holds. */
export interface Kubeconfig {
  /** Those that were read, for messages. */
  readonly files: readonly string[]
  readonly currentContext?: string
  readonly contexts: ReadonlyMap<string, Found<KubeContext>>
  readonly clusters: ReadonlyMap<string, Found<KubeCluster>>
  readonly users: ReadonlyMap<string, Found<KubeUser>>
}

/** Paths in it are relative to the folder of its file. */
export interface Found<T> {
  readonly file: string
  readonly folder: string
  readonly value: T
}

export type KubeContext = z.infer<typeof CONTEXT>
export type KubeCluster = z.infer<typeof CLUSTER>
export type KubeUser = z.infer<typeof USER>
export type KubeExec = z.infer<typeof EXEC>

interface KubeconfigPlace {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly homeFolder: string
}

const text = z.string().optional()
/** Read as text throughout, so an empty entry is the word that stands for it. */
const isEmpty = (value: unknown) => value === 'null' || value === '~' || value === ''
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess(value => (isEmpty(value) ? undefined : value), schema.optional())
const list = <T extends z.ZodType>(item: T) => optional(z.array(item))

const CONTEXT = z.object({ cluster: text, user: text, namespace: text })

const CLUSTER = z.object({
  server: text,
  'certificate-authority': text,
  'certificate-authority-data': text,
  'tls-server-name': text,
  'insecure-skip-tls-verify': text,
  'proxy-url': text,
})

const EXEC = z.object({
  apiVersion: text,
  command: z.string(),
  args: list(z.string()),
  env: list(z.object({ name: z.string(), value: z.string() })),
  installHint: text,
  interactiveMode: text,
  provideClusterInfo: text,
})

const USER = z.object({
  token: text,
  tokenFile: text,
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  username: text,
  password: text,
  exec: optional(EXEC),
  'auth-provider': z.unknown().optional(),
  as: text,
  'as-uid': text,
  'as-groups': list(z.string()),
  'as-user-extra': z.unknown().optional(),
})

const FILE = z.object({
  'current-context': text,
  contexts: list(z.object({ name: z.string(), context: optional(CONTEXT) })),
  clusters: list(z.object({ name: z.string(), cluster: optional(CLUSTER) })),
  users: list(z.object({ name: z.string(), user: optional(USER) })),
})

/** Fails with `UserError` where there is no file, or one that can't be read. */
export async function readKubeconfig(place: KubeconfigPlace): Promise<Kubeconfig> {
  const paths = kubeconfigPaths(place)
  const read = await Promise.all(paths.map(readOne))
  const files = read.filter(one => one !== undefined)
  if (files.length === 0) {
    throw new UserError(
      paths.join(delimiter),
      'there is no kubeconfig',
      'name one in $KUBECONFIG, or have one written, such as by: aws eks update-kubeconfig --name CLUSTER',
    )
  }
  const currentContext = files.map(({ value }) => value['current-context']).find(name => !isEmpty(name ?? ''))
  return {
    files: files.map(({ file }) => file),
    ...(currentContext === undefined ? {} : { currentContext }),
    contexts: merged(files, value => value.contexts?.map(({ name, context }) => [name, context])),
    clusters: merged(files, value => value.clusters?.map(({ name, cluster }) => [name, cluster])),
    users: merged(files, value => value.users?.map(({ name, user }) => [name, user])),
  }
}

function kubeconfigPaths({ environment, homeFolder }: KubeconfigPlace): readonly string[] {
  const named = (environment['KUBECONFIG'] ?? '').split(delimiter).filter(path => path !== '')
  return named.length === 0 ? [join(homeFolder, '.kube', 'config')] : [...new Set(named)]
}

async function readOne(file: string): Promise<Found<z.infer<typeof FILE>> | undefined> {
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // Of several files some may be for other machines: kubectl passes over them as well.
    if (error.code === 'ENOENT') return undefined
    throw new UserError(file, `it can't be read: ${error.message}`, 'let the user of this process read it')
  })
  if (content === undefined) return undefined
  const read = FILE.safeParse(parseText(file, content))
  if (read.success) return { file, folder: dirname(file), value: read.data }
  const [problem] = read.error.issues
  throw new UserError(
    `${file} ${problem?.path.join('.')}`,
    problem?.message ?? 'it is no kubeconfig',
    'mend it, see kubectl config view',
  )
}

/** All scalars as text: a token of digits keeps its zeros. */
function parseText(file: string, content: string): unknown {
  try {
    return parse(content, { schema: 'failsafe', prettyErrors: false }) ?? {}
  } catch {
    // The parser's words quote the file, where secrets stand.
    throw new UserError(file, 'it is no YAML', 'mend it, see kubectl config view')
  }
}

function merged<F, T>(
  files: readonly Found<F>[],
  entriesOf: (file: F) => readonly (readonly [string, T | undefined])[] | undefined,
): ReadonlyMap<string, Found<T>> {
  const all = new Map<string, Found<T>>()
  for (const { file, folder, value } of files) {
    for (const [name, entry] of entriesOf(value) ?? []) {
      if (entry !== undefined && !all.has(name)) all.set(name, { file, folder, value: entry })
    }
  }
  return all
}
