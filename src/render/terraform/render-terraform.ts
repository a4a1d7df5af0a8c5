import { headerOf } from '../header.ts'
import { jsonText } from '../json-text.ts'
import { attachedPolicies } from '../organization/attached-policies.ts'
import type { RenderedFile, Renderer, RenderInput } from '../rendered-file.ts'
import { type Backend, backendText } from './backend-text.ts'
import { environmentVariables } from './environment-variables.ts'
import { foundationVariables } from './foundation-variables.ts'
import { type HclAttribute, hclText } from './hcl-text.ts'
import { organizationVariables } from './organization-variables.ts'
import {
  environmentBackend,
  organizationBackend,
  sharedBackend,
  type TerraformEnvironment,
  terraformEnvironments,
} from './roots.ts'
import { sharedVariables } from './shared-variables.ts'
import { terraformGuide } from './terraform-guide.ts'

/**
 * Sluice's own files, the same for everybody, and beside them what the blueprint says: `terraform.tfvars` and the place
 * of the state are all that differs between two environments.
 */
export const renderTerraform: Renderer = input => {
  const { blueprint } = input
  const environments = terraformEnvironments(blueprint)
  if (environments.length === 0 && blueprint.organization === undefined) return []
  const roots = [
    ...environments.flatMap(environment => [
      ...environmentRoot(input, environment),
      ...foundationRoot(input, environment),
    ]),
    ...sharedRoot(input),
    ...organizationRoot(input),
  ]
  const guide = { path: 'terraform/README.md', text: () => terraformGuide(blueprint) }
  return [...modules(input), ...roots, guide, ignored(blueprint.file)].toSorted((a, b) =>
    a.path < b.path ? -1 : 1,
  )
}

/** What Terraform leaves where it runs: copies of providers, and a plan that may hold secrets. */
function ignored(file: string): RenderedFile {
  const lines = [`# ${headerOf(file)}`, '.terraform/', '*.tfplan', '*.tfstate', '*.tfstate.*', 'crash.log']
  return { path: 'terraform/.gitignore', text: () => `${lines.join('\n')}\n` }
}

function modules({ blueprint, modules: own }: RenderInput): RenderedFile[] {
  return [...own]
    .filter(([path]) => path.startsWith('modules/'))
    .map(([path, text]) => ({
      path: `terraform/${path}`,
      text: () => withHeader(text, { path, file: blueprint.file }),
    }))
}

function environmentRoot(input: RenderInput, environment: TerraformEnvironment): RenderedFile[] {
  return root(input, {
    from: 'environments/any',
    folder: `terraform/environments/${environment.name}`,
    environment: environment.name,
    variables: () => environmentVariables(input, environment),
    backend: environmentBackend(input.blueprint, environment, 'environment'),
  })
}

function foundationRoot(input: RenderInput, environment: TerraformEnvironment): RenderedFile[] {
  const backend = environmentBackend(input.blueprint, environment, 'foundation')
  if (backend === undefined) return []
  return root(input, {
    from: 'foundation/any',
    folder: `terraform/foundation/${environment.name}`,
    environment: environment.name,
    variables: () => foundationVariables(input.blueprint, environment, backend),
    backend,
  })
}

function sharedRoot(input: RenderInput): RenderedFile[] {
  const backend = sharedBackend(input.blueprint)
  if (backend === undefined) return []
  const variables = () => sharedVariables(input.blueprint, backend)
  return root(input, { from: 'shared', folder: 'terraform/shared', variables, backend })
}

function organizationRoot(input: RenderInput): RenderedFile[] {
  const { blueprint } = input
  const { organization } = blueprint
  const backend = organizationBackend(blueprint)
  if (organization === undefined || backend === undefined) return []
  const variables = () => organizationVariables(blueprint, organization, backend)
  return [
    ...root(input, { from: 'organization', folder: 'terraform/organization', variables, backend }),
    ...Object.entries(attachedPolicies(blueprint).policies).map(([name, policy]) => ({
      path: `terraform/organization/policies/${name}.json`,
      text: () => jsonText(policy),
    })),
  ]
}

interface Root {
  /** Where its text stands among Sluice's own files. */
  readonly from: string
  readonly folder: string
  readonly environment?: string
  readonly variables: () => readonly HclAttribute[]
  /** Undefined leaves the state in the folder. */
  readonly backend: Backend | undefined
}

function root(
  { blueprint, modules: own }: RenderInput,
  { from, folder, environment, variables, backend }: Root,
): RenderedFile[] {
  const header = `# ${headerOf(blueprint.file)}\n`
  const file = (name: string, text: () => string): RenderedFile => ({
    path: `${folder}/${name}`,
    ...(environment === undefined ? {} : { environment }),
    text,
  })
  const shared = [...own].filter(([path]) => path.startsWith(`${from}/`))
  return [
    ...shared.map(([path, text]) => file(path.slice(from.length + 1), () => header + text)),
    file('terraform.tfvars', () => `${header}${hclText(variables())}`),
    ...(backend === undefined ? [] : [file('backend.tf', () => header + backendText(backend))]),
  ]
}

/** A script that a module sends to instances stays as it is: its first line and its size matter. */
function withHeader(text: string, { path, file }: { readonly path: string; readonly file: string }): string {
  if (path.endsWith('.tf')) return `# ${headerOf(file)}\n${text}`
  return path.endsWith('.md') ? `<!-- ${headerOf(file)} -->\n\n${text}` : text
}
