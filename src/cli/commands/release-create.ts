import { shortRelease } from '../../model/release.ts'
import { connect } from '../api/connect.ts'
import type { LeafCommand } from '../command.ts'
import { withIsoDates } from '../iso-dates.ts'
import { contentLines } from '../views/release-lines.ts'

export const create: LeafCommand = {
  name: 'create',
  summary: 'Build every service once and make a release of it',
  options: [
    {
      flags: '--image <service=reference>',
      summary: 'an image by digest that was built already, in place of what the blueprint says',
      several: true,
    },
  ],
  examples: [
    'sluice release create # from the blueprint and the files here',
    'sluice release create --json | jq -r .id # for the next command',
    'sluice release create --image web=registry.example.com/shop/web@sha256:… # what CI built and pushed',
  ],
  async run(context, input) {
    // Loaded here, so that the other commands on releases start without them.
    const { loadProject } = await import('../blueprint-file.ts')
    const { makeRelease } = await import('../release/make-release.ts')
    const { namedImages } = await import('../render/named-images.ts')
    const project = await loadProject(context)
    const images = await namedImages(context, {
      flags: input.several('image'),
      release: undefined,
      services: Object.keys(project.blueprint.services),
    })
    const { release, existed } = await makeRelease(context, { api: connect(context), project, images })
    const { style } = context.output
    const title = existed
      ? `This release exists already: nothing has changed since ${shortRelease(release.id)}.`
      : `${style.good('✓')} released`
    return {
      json: { ...(withIsoDates(release) as object), existed },
      lines: [title, ...contentLines(release, style)],
    }
  },
}
