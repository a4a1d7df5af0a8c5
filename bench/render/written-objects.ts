import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { isRecord } from '../../src/blueprint/plain-data.ts'
import type { Fleet } from './fleet.ts'
import { fleetObjects, KINDS } from './fleet-objects.ts'

export interface Written {
  readonly files: number
  /** Of the seven kinds. */
  readonly objects: number
  /** Of other kinds. */
  readonly others: number
  readonly megabytes: number
}

/** What a tool wrote into a folder. */
export function countWritten(folder: string): Written {
  const texts = textsOf(folder)
  const kinds = texts.flatMap(text => [...text.matchAll(/^kind: (\w+)$/gm)].map(([, kind]) => kind ?? ''))
  const objects = kinds.filter(kind => KINDS.has(kind)).length
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  return {
    files: texts.length,
    objects,
    others: kinds.length - objects,
    megabytes: Math.round(bytes / 10_000) / 100,
  }
}

/** Fails where a tool did not write every object of the fleet, field by field: the comparison would not be fair. */
export function assertSame(folder: string, { services, environments }: Fleet): void {
  const expected = new Map(
    environments
      .flatMap(environment => services.flatMap(service => fleetObjects(service, environment)))
      .map(object => [keyOf(object), object]),
  )
  for (const object of textsOf(folder).flatMap(objectsOf)) {
    const key = keyOf(object)
    const wanted = expected.get(key)
    if (!isDeepStrictEqual(object, wanted))
      throw new Error(`${key} in ${folder} is not as the others write it`)
    expected.delete(key)
  }
  if (expected.size > 0) throw new Error(`${[...expected.keys()].join(', ')} is not in ${folder}`)
}

function textsOf(folder: string): readonly string[] {
  return globSync('**/*.yaml', { cwd: folder }).map(file => readFileSync(join(folder, file), 'utf8'))
}

/** Sluice names a ConfigMap by its content, which nothing else depends on. */
function objectsOf(text: string): readonly Readonly<Record<string, unknown>>[] {
  return parseAllDocuments(text.replaceAll(/-config-[0-9a-f]{10}$/gm, '-config'))
    .map(document => document.toJS() as unknown)
    .filter(isRecord)
    .filter(({ kind }) => typeof kind === 'string' && KINDS.has(kind))
}

function keyOf(object: Readonly<Record<string, unknown>>): string {
  const metadata = isRecord(object['metadata']) ? object['metadata'] : {}
  return [object['kind'], metadata['namespace'], metadata['name']].join(' ')
}
