import type { OtherBuild } from './build-facts.ts'
import { dockerfile, execForm, stage } from './dockerfile-text.ts'
import { type ImageRecipe, listening, USER, WORK_FOLDER } from './image-recipe.ts'

const DEFAULT_BASE = 'debian:13-slim'

/** The folder as it is on a base image: nothing is known of how such a service is built or asked for its health. */
export function plainDockerfile(recipe: ImageRecipe<OtherBuild>): string {
  const { base = DEFAULT_BASE, target, command, port } = recipe
  return dockerfile(recipe.header, [
    stage(
      'The folder as it is. For more than that, keep a Dockerfile of your own and name it: `build.dockerfile`.',
      [
        `FROM ${base} AS ${target}`,
        `WORKDIR ${WORK_FOLDER}`,
        `ENV ${listening(port)}`,
        'COPY . .',
        `USER ${USER}`,
        `EXPOSE ${port}`,
        'STOPSIGNAL SIGTERM',
        command === undefined ? [] : `CMD ${execForm(command)}`,
      ],
    ),
  ])
}
