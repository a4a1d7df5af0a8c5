import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Document, parseAllDocuments } from 'yaml'
import type { Kubernetes } from './kubernetes.ts'

/** What an API server says to a folder of objects. */
export interface Validation {
  /** Each object that it would take, as `deployment.apps/web`, in the order of the files. */
  readonly accepted: readonly string[]
  /** Each reason why it would not take the folder; none when it would. */
  readonly errors: readonly string[]
  /** What it takes and finds doubtful: a deprecated version, pods that the namespace will not admit. */
  readonly warnings: readonly string[]
}

const APPLY = ['apply', '--server-side', '--validate=strict', '--filename']

/**
 * Has the server check every object of a folder and those below it, as `kubectl apply -R -f` would, without keeping any.
 * Only the folder's Namespaces are created, for what is in them could not be checked else; they stay. It also refuses
 * what kubectl silently drops: a key given twice, and an object given twice.
 */
export async function validateFolder(cluster: Kubernetes, folder: string): Promise<Validation> {
  const found = await readFolder(folder)
  const namespaces = found.objects.filter(({ kind }) => kind === 'Namespace').map(({ content }) => content)
  if (namespaces.length > 0) {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: namespaces })
    await cluster.kubectl([...APPLY, '-'], { input })
  }
  const dryRun = [...APPLY, folder, '--recursive', '--dry-run=server', '--output=name']
  const { code, stdout, stderr } = await cluster.kubectl(dryRun)
  const said = sayingsOf(stderr)
  const warnings = said.filter(line => line.startsWith('Warning: '))
  const refusals = said.filter(line => !line.startsWith('Warning: '))
  const errors = [...found.errors, ...repeated(found.objects), ...refusals]
  if (code !== 0 && refusals.length === 0) throw new Error(`kubectl ended with ${code} and said nothing`)
  return { accepted: linesOf(stdout), errors, warnings }
}

interface FoundObject {
  readonly file: string
  readonly kind: string
  /** Kind, namespace and name. */
  readonly id: string
  readonly content: unknown
}

async function readFolder(folder: string): Promise<{
  readonly objects: readonly FoundObject[]
  readonly errors: readonly string[]
}> {
  const objects: FoundObject[] = []
  const errors: string[] = []
  const entries = await readdir(folder, { recursive: true })
  for (const file of entries.toSorted().filter(name => /\.(?:yaml|yml|json)$/.test(name))) {
    const documents: Document.Parsed[] = [...parseAllDocuments(await readFile(join(folder, file), 'utf8'))]
    for (const document of documents) {
      errors.push(...document.errors.map(error => `${file}: ${error.message.split('\n')[0]}`))
      if (document.errors.length === 0 && document.contents !== null) objects.push(objectOf(file, document))
    }
  }
  return { objects, errors }
}

function objectOf(file: string, document: Document.Parsed): FoundObject {
  const at = (...path: readonly string[]): string => {
    const value = document.getIn(path)
    return typeof value === 'string' ? value : ''
  }
  const id = [at('kind'), at('metadata', 'namespace'), at('metadata', 'name')].filter(word => word !== '')
  return { file, kind: at('kind'), id: `${at('apiVersion')} ${id.join('/')}`, content: document.toJS() }
}

function repeated(objects: readonly FoundObject[]): readonly string[] {
  const places = Map.groupBy(objects, ({ id }) => id)
  return [...places]
    .filter(([, found]) => found.length > 1)
    .map(([id, found]) => `${id} is given ${found.length} times: ${found.map(({ file }) => file).join(', ')}`)
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter(line => line.trim() !== '')
}

/** One for each thing said: kubectl goes on in a new line where it has several reasons, or advice. */
function sayingsOf(stderr: string): readonly string[] {
  return linesOf(stderr.replaceAll(/\n(?=\* |ensure CRDs)/g, ' '))
}
