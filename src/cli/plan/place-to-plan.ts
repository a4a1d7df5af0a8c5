import type { Blueprint } from '../../blueprint/blueprint.ts'
import { UserError } from '../../model/user-error.ts'
import { unknownName } from '../known-names.ts'

export interface RenderedPlaces {
  readonly blueprint: Blueprint
  /** Of every Terraform file that the blueprint gives. */
  readonly paths: readonly string[]
}

/** The folder behind `prod`, `foundation/prod`, `shared` or `organization`, below the folder of the blueprint. */
export function placeToPlan(root: string, { blueprint, paths }: RenderedPlaces): string {
  const environments = Object.keys(blueprint.environments)
  const besides = foldersBeside(paths)
  if (environments.includes(root)) return environmentFolder(root, paths)
  if (besides.includes(root)) return `terraform/${root}`
  const remedy = remedyOf(root, environments)
  if (remedy === undefined) {
    throw unknownName({ kind: 'environment', typed: root, known: [...environments, ...besides] })
  }
  throw new UserError(`terraform/${root}`, 'it is not rendered for this blueprint', remedy)
}

function environmentFolder(environment: string, paths: readonly string[]): string {
  const place = `terraform/environments/${environment}`
  if (paths.some(path => path.startsWith(`${place}/`))) return place
  throw new UserError(
    `environments.${environment}`,
    'no Terraform is rendered for it',
    'give it a target (ecs, ec2 or kubernetes) and an account or a region',
  )
}

/** As people name them: those of environments have the environment's name alone. */
function foldersBeside(paths: readonly string[]): readonly string[] {
  const found = paths.map(
    path => /^terraform\/(shared|organization|foundation\/[^/]+)\//.exec(path)?.[1] ?? [],
  )
  return [...new Set(found.flat())]
}

/** What the blueprint has to say for a folder beside those of environments; undefined for what is none of them. */
function remedyOf(root: string, environments: readonly string[]): string | undefined {
  if (root === 'shared') return 'name the account of the registry: `delivery: { registry: ACCOUNT }`'
  if (root === 'organization') return 'name its account: `organization: { managementAccount: ACCOUNT }`'
  const isFoundation = environments.some(name => root === `foundation/${name}`)
  return isFoundation
    ? 'give the environment a target (ecs, ec2 or kubernetes) and an account with an id and a region'
    : undefined
}
