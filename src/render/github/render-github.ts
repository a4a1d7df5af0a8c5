import { headerOf } from '../header.ts'
import { jsonText } from '../json-text.ts'
import type { RenderedFile, Renderer, RenderInput } from '../rendered-file.ts'
import { yamlDocuments } from '../yaml-text.ts'
import { withVersions } from './actions.ts'
import { ciWorkflow } from './ci-workflow.ts'
import { deployWorkflow } from './deploy-workflow.ts'
import { environmentSettings, environmentsGuide } from './github-environments.ts'
import { promoteWorkflow } from './promote-workflow.ts'
import { releaseWorkflow } from './release-workflow.ts'

/** Workflows of GitHub Actions, and the settings of the environments that protect them. */
export const renderGithub: Renderer = input => {
  const deploy = deployWorkflow(input.blueprint)
  return [
    ...settingsFiles(input),
    workflow(input, 'ci', () => ciWorkflow(input)),
    ...(deploy === undefined ? [] : [workflow(input, 'deploy', () => deploy)]),
    workflow(input, 'promote', () => promoteWorkflow(input)),
    workflow(input, 'release', () => releaseWorkflow(input)),
  ]
}

function workflow({ blueprint }: RenderInput, name: string, content: () => object): RenderedFile {
  return {
    path: `.github/workflows/${name}.yml`,
    text: () => withVersions(yamlDocuments(headerOf(blueprint.file), [content()])),
  }
}

function settingsFiles({ blueprint }: RenderInput): RenderedFile[] {
  return [
    { path: '.github/environments/README.md', text: () => environmentsGuide(blueprint) },
    ...blueprint.environments.map(environment => ({
      path: `.github/environments/${environment.name}.json`,
      environment: environment.name,
      text: () => jsonText(environmentSettings(environment)),
    })),
  ]
}
