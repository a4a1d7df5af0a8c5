import type { Ecosystem, RenderedFile, Renderer, RenderInput } from './rendered-file.ts'

/** Only what is rendered is loaded. */
const RENDERERS: Readonly<Record<Ecosystem, () => Promise<Renderer>>> = {
  docker: async () => (await import('./docker/render-docker.ts')).renderDocker,
  terraform: async () => (await import('./terraform/render-terraform.ts')).renderTerraform,
  ecs: async () => (await import('./ecs/render-ecs.ts')).renderEcs,
  kubernetes: async () => (await import('./kubernetes/render-kubernetes.ts')).renderKubernetes,
  github: async () => (await import('./github/render-github.ts')).renderGithub,
  organization: async () => (await import('./organization/render-organization.ts')).renderOrganization,
  observability: async () => (await import('./observability/render-observability.ts')).renderObservability,
}

export function loadRenderer(ecosystem: Ecosystem): Promise<Renderer> {
  return RENDERERS[ecosystem]()
}

export interface Selection {
  readonly ecosystems: readonly Ecosystem[]
  /** Files of this environment only; without it all files. */
  readonly environment?: string
}

/** Every selected file, sorted by path. */
export async function render(input: RenderInput, selection: Selection): Promise<readonly RenderedFile[]> {
  const renderers = await Promise.all(selection.ecosystems.map(loadRenderer))
  return renderers
    .flatMap(renderer => renderer(input))
    .filter(file => selection.environment === undefined || file.environment === selection.environment)
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
}
