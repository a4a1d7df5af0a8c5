import type { LayeredService } from '../layer-service.ts'
import { formatPath, type Path } from '../path.ts'
import { eachService, type Finding, type Rule, type ServiceInEnvironment } from './rule.ts'

/** A variable and a file have one owner each, and null takes away something that is there. */
export const configuration: Rule = subject => [
  ...eachService(subject, (layered, place) => [...variables(layered, place), ...mounts(layered, place)]),
  ...nothingToRemove(subject),
]

function variables({ settings }: LayeredService, { at }: ServiceInEnvironment): Finding[] {
  const problems: Finding[] = []
  if (Object.hasOwn(settings.config, 'PORT')) {
    const remedy = 'remove it and write `port:`; every instance is told its own'
    problems.push({ path: at('config.PORT'), what: 'PORT is given by Sluice', remedy })
  }
  const owners = new Map<string, string>()
  for (const [name, secret] of Object.entries(settings.secrets)) {
    if (secret.kind !== 'variable') continue
    const path = at(formatPath(['secrets', name]))
    const owner = owners.get(secret.name)
    if (Object.hasOwn(settings.config, secret.name)) {
      const remedy = 'remove it from config: a secret is no configuration'
      problems.push({ path, what: `${secret.name} is set by config as well`, remedy })
    } else if (owner !== undefined) {
      const what = `${secret.name} holds the secret ${owner} already`
      problems.push({ path, what, remedy: 'name another variable' })
    }
    owners.set(secret.name, owner ?? name)
  }
  return problems
}

function mounts({ settings }: LayeredService, { at }: ServiceInEnvironment): Finding[] {
  const taken = [
    ...Object.keys(settings.files).map(path => ({ path, field: ['files', path] })),
    ...Object.entries(settings.secrets).flatMap(([name, secret]) =>
      secret.kind === 'file' ? [{ path: secret.path, field: ['secrets', name] }] : [],
    ),
  ]
  return taken.flatMap((mount, index) => {
    const clash = taken.slice(0, index).find(({ path }) => sameOrInside(path, mount.path))
    if (clash === undefined) return []
    const what = `${mount.path} and ${clash.path} cannot both be files`
    return [{ path: fieldPath(at, mount.field), what, remedy: 'mount one of them elsewhere' }]
  })
}

function fieldPath(at: ServiceInEnvironment['at'], field: readonly string[]): Path {
  const found = at(formatPath(field))
  return found.length > 2 ? found : at(formatPath([...field, 'kind']))
}

function sameOrInside(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
}

const MAPS = ['config', 'files', 'secrets', 'labels'] as const

/** In the service itself null is an empty line that was meant to be a value. */
const nothingToRemove: Rule = ({ blueprint }) =>
  Object.entries(blueprint.services).flatMap(([service, layer]) =>
    MAPS.flatMap(map =>
      Object.entries(layer[map] ?? {}).flatMap(([key, value]) =>
        value === null
          ? [
              {
                path: ['services', service, map, key],
                what: 'has no value',
                remedy: 'write one; "" for empty text',
              },
            ]
          : [],
      ),
    ),
  )
