import type { Missing, Part } from './not-expressed.ts'
import type { Container, Volume } from './shapes.ts'
import type { VariableSources } from './variables.ts'

export interface Mounts {
  /** Content by path. */
  readonly files: Readonly<Record<string, string>>
  /** Paths by the name of the secret. */
  readonly secrets: Readonly<Record<string, string>>
}

type Mount = Container['volumeMounts'][number]

/** Sluice mounts every file by itself, read-only; the one place to write to is /tmp. */
export function mountsOf(
  container: Container,
  volumes: readonly Volume[],
  sources: VariableSources,
): Part<Mounts> {
  const files: Record<string, string> = {}
  const secrets: Record<string, string> = {}
  const missing: Missing[] = []
  for (const mount of container.volumeMounts) {
    const volume = volumes.find(({ name }) => name === mount.name)
    const field = `volumeMounts ${mount.mountPath}`
    if (volume === undefined || isServiceAccount(mount)) continue
    if (volume.configMap !== undefined) {
      const found = contentOf(volume.configMap, sources)
      if (found === undefined) missing.push(absent(field, `ConfigMap ${volume.configMap.name}`))
      for (const each of placed(mount, found ?? [], volume.configMap.items, missing))
        files[each.path] = each.value
      missing.push(...modes(field, volume.configMap))
    } else if (volume.secret !== undefined) {
      const { secretName: from, items } = volume.secret
      const keys = keysOf(volume.secret, mount, sources)
      if (keys === undefined) missing.push(absent(field, `Secret ${from}`))
      const all = (keys ?? []).map(key => [key, key] as const)
      for (const { path, value: key } of placed(mount, all, items, missing)) {
        const wanted = path.slice(path.lastIndexOf('/') + 1)
        secrets[sources.secretNames.nameOf({ from, key, wanted })] = path
      }
    } else if (volume.emptyDir === undefined || mount.mountPath !== '/tmp') {
      missing.push(otherVolume(field, volume))
    }
  }
  return { value: { files, secrets }, remarks: [], missing }
}

const isServiceAccount = ({ mountPath }: Mount): boolean =>
  mountPath === '/var/run/secrets/kubernetes.io/serviceaccount'

interface Placed {
  readonly path: string
  readonly value: string
}

type Items = NonNullable<Volume['secret']>['items']

/** Where each key is seen in the container. */
function placed(
  { mountPath, subPath }: Mount,
  entries: readonly (readonly [key: string, value: string])[],
  items: Items,
  missing: Missing[],
): readonly Placed[] {
  const shown =
    items === undefined
      ? entries
      : items.flatMap(({ key, path }) => {
          const value = entries.find(([name]) => name === key)?.[1]
          return value === undefined ? [] : [[path, value] as const]
        })
  const all = shown.flatMap(([path, value]): Placed[] => {
    if (subPath === undefined) return [{ path: `${mountPath.replace(/\/$/, '')}/${path}`, value }]
    if (path === subPath) return [{ path: mountPath, value }]
    return path.startsWith(`${subPath}/`)
      ? [{ path: `${mountPath}${path.slice(subPath.length)}`, value }]
      : []
  })
  return all.filter(({ path }) => {
    const fits = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)+$/.test(path) && path.length <= 500
    if (!fits) missing.push(unusualPath(path))
    return fits
  })
}

const unusualPath = (path: string): Missing => ({
  field: `volumeMounts ${path}`,
  why: 'has characters that no path of the blueprint has',
  advice: 'use letters, digits and . _ - in the path',
})

/** Undefined where there is no such ConfigMap. Bytes that are no text are left out, and told by their caller. */
function contentOf(
  { name }: { readonly name: string },
  { configMaps }: VariableSources,
): readonly (readonly [string, string])[] | undefined {
  const found = configMaps.get(name)
  if (found === undefined) return undefined
  const binary = Object.entries(found.binaryData).flatMap(([key, encoded]) => {
    const bytes = Buffer.from(encoded, 'base64')
    const text = bytes.toString('utf8')
    return Buffer.from(text, 'utf8').equals(bytes) ? [[key, text] as const] : []
  })
  return [...Object.entries(found.data), ...binary]
}

/** Keys that are named are known without a look at the Secret. */
function keysOf(
  { secretName, items }: NonNullable<Volume['secret']>,
  { subPath }: Mount,
  { secretKeys }: VariableSources,
): readonly string[] | undefined {
  if (items !== undefined) return items.map(({ key }) => key)
  return secretKeys.get(secretName) ?? (subPath === undefined ? undefined : [subPath])
}

const absent = (field: string, what: string): Missing => ({
  field,
  why: `${what} is not there or may not be read`,
  advice: 'write the files under `files` or `secrets`',
})

function modes(
  field: string,
  { items = [], defaultMode = 0o644 }: NonNullable<Volume['configMap']>,
): Missing[] {
  const executable = [defaultMode, ...items.map(({ mode }) => mode ?? 0)].some(mode => (mode & 0o111) !== 0)
  if (!executable) return []
  return [
    {
      field: `${field} mode`,
      why: 'is executable; files of the blueprint are read-only data',
      advice: 'start it as `sh PATH` in `command`, or put it into the image',
    },
  ]
}

function otherVolume(field: string, volume: Volume): Missing {
  const kind = Object.keys(volume).find(key => key !== 'name') ?? 'volume'
  if (kind === 'emptyDir') {
    return {
      field,
      why: 'is a folder to write to; with Sluice /tmp is the only one',
      advice: 'let the program write below /tmp',
    }
  }
  return {
    field,
    why: `is a volume of kind ${kind}, which the blueprint has no word for`,
    advice: 'keep data in a database or a bucket; a service with a volume of its own stays outside of Sluice',
  }
}
