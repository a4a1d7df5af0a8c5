import { SCALING_DEFAULTS } from '../../blueprint/defaults.ts'
import type { Path } from '../../blueprint/path.ts'
import type { ResolvedBlueprint, ResolvedService } from '../../blueprint/resolve-blueprint.ts'
import { valuesIn, withValueAt } from './changed-value.ts'
import { inEnvironment, inEveryService, type Leaf, leafOf, otherService, renamed } from './leaf.ts'

export interface ServicePlace {
  readonly environment: string
  readonly service: ResolvedService
  /** Text of every file that the blueprint names. */
  readonly files: ResolvedBlueprint['files']
}

/** How a service runs in an environment. */
export function serviceLeaves({ environment, service, files }: ServicePlace): readonly Leaf[] {
  const field = ['services', service.name]
  const toChange = (path: Path) => (changed: unknown) => (blueprint: ResolvedBlueprint) =>
    inEnvironment(blueprint, environment, each => ({
      ...each,
      services: each.services.map(own =>
        own.name === service.name
          ? otherService(own, { settings: withValueAt(own.settings, path, changed), files: blueprint.files })
          : own,
      ),
    }))
  const values = valuesIn(service.settings, { parts: { scaling: SCALING_DEFAULTS }, field })
  const contents = Object.entries(service.settings.files).flatMap(([mount, file]): Leaf[] => {
    if (file.kind !== 'source') return []
    const path = ['files', mount]
    const content = { kind: 'content', content: otherContent(files.get(file.path) ?? '') }
    return [
      { field: [...field, ...path], environment, eachCounts: false, changes: [toChange(path)(content)] },
    ]
  })
  return [...values.map(value => leafOf(value, { environment, change: toChange(value.path) })), ...contents]
}

/** The text of a file in which every line is another one. */
function otherContent(text: string): string {
  return text.replaceAll(/\S(?=\n|$)/g, end => `${end}x`)
}

/** How a service is built, or which image it is: the same in every environment. */
export function sharedServiceLeaves({ environments }: ResolvedBlueprint): readonly Leaf[] {
  return (environments[0]?.services ?? []).flatMap(({ name, build, image }) =>
    valuesIn({ build, image }, { parts: {}, field: ['services', name] }).map(value =>
      leafOf(value, {
        change: changed => blueprint =>
          inEveryService(blueprint, own => (own.name === name ? withValueAt(own, value.path, changed) : own)),
      }),
    ),
  )
}

export function serviceNameLeaf(name: string): Leaf {
  const swap = (each: string) => (each === name ? renamed(name) : each)
  return {
    field: ['services', name],
    eachCounts: false,
    changes: [
      ({ files, ...blueprint }) =>
        inEveryService({ ...blueprint, files }, own => {
          const { after, calls } = own.settings
          if (own.name !== name && !after.includes(name) && !calls.includes(name)) return own
          const settings = { ...own.settings, after: after.map(swap), calls: calls.map(swap) }
          return otherService(own, { name: swap(own.name), settings, files })
        }),
    ],
  }
}
