import { shortRelease } from '../../model/release.ts'
import { connect } from '../api/connect.ts'
import type { LeafCommand } from '../command.ts'
import { withIsoDates } from '../iso-dates.ts'
import { contentLines } from '../views/release-lines.ts'

export const create: LeafCommand = {
  name: 'create',
  summary: 'Build every service once and make a release of it',
  examples: [
    'sluice release create # from the blueprint and the files here',
    'sluice release create --json | jq -r .id # for the next command',
  ],
  async run(context) {
    // Loaded here, so that the other commands on releases start without them.
    const { loadProject } = await import('../blueprint-file.ts')
    const { makeRelease } = await import('../release/make-release.ts')
    const api = connect(context)
    const { release, existed } = await makeRelease(context, { api, project: await loadProject(context) })
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
