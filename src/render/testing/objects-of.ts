import { parseAllDocuments } from 'yaml'
import type { RenderedFile } from '../rendered-file.ts'

/** An object read from a rendered file, every field of it by its name. */
export interface ReadObject {
  readonly file: string
  readonly kind: string
  readonly name: string
  readonly content: unknown
}

/** Every object of the files, as another reader of YAML reads them. */
export function objectsOf(files: readonly RenderedFile[]): readonly ReadObject[] {
  return files.flatMap(file =>
    parseAllDocuments(file.text()).map(document => {
      if (document.errors.length > 0) throw new Error(`${file.path}: ${document.errors.join('\n')}`)
      const content: unknown = document.toJS()
      return {
        file: file.path,
        kind: String(document.get('kind')),
        name: String(document.getIn(['metadata', 'name'])),
        content,
      }
    }),
  )
}

/** All values below a key, wherever it stands in the data. */
export function valuesOf(data: unknown, key: string): readonly unknown[] {
  if (typeof data !== 'object' || data === null) return []
  return Object.entries(data).flatMap(([name, value]: [string, unknown]) =>
    name === key ? [value, ...valuesOf(value, key)] : valuesOf(value, key),
  )
}
