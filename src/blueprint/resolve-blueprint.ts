import type { ServiceSpec } from '../model/service-spec.ts'
import { type AwsRole, awsRolesOf } from './aws-roles.ts'
import type { Blueprint } from './blueprint.ts'
import { promotionOrder } from './environment-order.ts'
import { type EnvironmentSettings, resolveEnvironment } from './layer-environment.ts'
import { layerService } from './layer-service.ts'
import { specOf } from './resolve-service.ts'
import type { ServiceSettings } from './service-settings.ts'

/** A blueprint with every layer and default applied: all that renderers and comparisons read. Plain data. */
export interface ResolvedBlueprint {
  readonly project: string
  /** The blueprint's file as people know it. */
  readonly file: string
  /** In the order of promotion. */
  readonly environments: readonly ResolvedEnvironment[]
  readonly accounts: Readonly<Record<string, Account>>
  readonly organization?: Organization
  readonly guardrails: NonNullable<Blueprint['guardrails']>
  /** What people may do in AWS, by role. */
  readonly roles: Readonly<Record<string, AwsRole>>
  readonly delivery: NonNullable<Blueprint['delivery']>
  /** Whole text of every file that the blueprint refers to, by the path written there. */
  readonly files: ReadonlyMap<string, string>
}

export interface ResolvedEnvironment {
  readonly name: string
  readonly settings: EnvironmentSettings
  readonly account?: Account
  /** As the blueprint lists them. */
  readonly services: readonly ResolvedService[]
}

export interface ResolvedService {
  readonly name: string
  /** What becomes part of a release; what a renderer finds here it does not take from `settings`. */
  readonly spec: ServiceSpec
  /** Every field in the words of the blueprint: durations in seconds, memory in MiB. */
  readonly settings: ServiceSettings
  readonly build?: NonNullable<Blueprint['services'][string]['build']>
  /** An image that exists already, by tag or digest. */
  readonly image?: string
}

export type Account = NonNullable<Blueprint['accounts']>[string]
export type Organization = NonNullable<Blueprint['organization']>

/** Applies every layer and default, once for all that read it. */
export function resolveBlueprint(blueprint: Blueprint): ResolvedBlueprint {
  return {
    project: blueprint.project,
    file: blueprint.source.file,
    environments: promotionOrder(blueprint).map(name => environmentOf(blueprint, name)),
    accounts: blueprint.accounts ?? {},
    ...(blueprint.organization === undefined ? {} : { organization: blueprint.organization }),
    guardrails: blueprint.guardrails ?? {},
    roles: awsRolesOf(blueprint),
    delivery: blueprint.delivery ?? {},
    files: blueprint.source.files,
  }
}

function environmentOf(blueprint: Blueprint, name: string): ResolvedEnvironment {
  const settings = resolveEnvironment(blueprint, name)
  const account = settings.account === undefined ? undefined : blueprint.accounts?.[settings.account]
  return {
    name,
    settings,
    ...(account === undefined ? {} : { account }),
    services: Object.entries(blueprint.services).map(([service, { build, image }]) => {
      const place = { environment: name, service }
      return resolvedService({
        name: service,
        settings: layerService(blueprint, place).settings,
        ...(build === undefined ? {} : { build }),
        ...(image === undefined ? {} : { image }),
        files: blueprint.source.files,
      })
    }),
  }
}

/** A service whose spec says the same as its settings. */
export function resolvedService({
  files,
  ...given
}: Omit<ResolvedService, 'spec'> & Pick<ResolvedBlueprint, 'files'>): ResolvedService {
  return { ...given, spec: specOf(given.settings, files) }
}
