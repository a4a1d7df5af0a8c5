import type { BlueprintContent } from '../blueprint.ts'
import { layerEnvironment } from '../layer-environment.ts'
import { layerService } from '../layer-service.ts'
import { type Path, startsWith } from '../path.ts'
import { isRecord, valueAt } from '../plain-data.ts'
import type { ResolvedEnvironment, Subject } from './rule.ts'

/** Resolves the blueprint once for all rules. */
export function subjectOf(
  blueprint: BlueprintContent,
  written: { readonly value: unknown; readonly refused: readonly Path[] },
): Subject {
  const { value, refused } = written
  return {
    blueprint,
    names: {
      services: keysAt(value, ['services']),
      environments: keysAt(value, ['environments']),
      accounts: keysAt(value, ['accounts']),
      roles: keysAt(value, ['roles']),
      guardrails: keysAt(value, ['guardrails']),
      units: keysAt(value, ['organization', 'units']),
    },
    environments: Object.fromEntries(
      Object.keys(blueprint.environments).map(name => [name, resolve(blueprint, name)]),
    ),
    wasRefused: path => refused.some(each => startsWith(each, path) || startsWith(path, each)),
  }
}

function resolve(blueprint: BlueprintContent, environment: string): ResolvedEnvironment {
  const services = Object.keys(blueprint.services).map(service => [
    service,
    layerService(blueprint, { environment, service }),
  ])
  return { ...layerEnvironment(blueprint, environment), services: Object.fromEntries(services) }
}

function keysAt(value: unknown, path: readonly string[]): readonly string[] {
  const map = valueAt(value, path)
  return isRecord(map) ? Object.keys(map) : []
}
