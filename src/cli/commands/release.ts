import type { CommandGroup } from '../command.ts'
import { check } from './release-check.ts'
import { create } from './release-create.ts'
import { diff } from './release-diff.ts'
import { list } from './release-list.ts'
import { show } from './release-show.ts'

export const release: CommandGroup = {
  name: 'release',
  summary: 'Build once; list, show and compare what was built',
  examples: [
    'sluice release create # from the blueprint and the files here',
    'sluice release show latest',
    'sluice release diff r-1b2c3d4e5f latest',
  ],
  commands: [create, list, show, diff, check],
}
