import type { Restored } from '../../backup/restore-backup.ts'
import type { LeafCommand, Report } from '../command.ts'
import type { Context } from '../context.ts'
import { withProgress } from '../terminal/progress.ts'
import { formatFacts } from '../terminal/table.ts'
import { countEntries } from './backup.ts'

export const restore: LeafCommand = {
  name: 'restore',
  summary: 'Bring back what a backup holds, verified before anything is touched',
  arguments: [{ name: '<file>', summary: 'what `sluice backup` wrote' }],
  options: [
    { flags: '--key <path>', summary: 'the copy of .sluice/secrets.key that was kept elsewhere' },
    { flags: '--replace', summary: 'also where there is a store already; that one is kept aside' },
  ],
  examples: [
    'sluice restore sluice-monday.tar --key secrets.key # on a new machine, beside the blueprint',
    'sluice restore sluice-monday.tar --replace # back to Monday; stop the server first',
  ],
  async run(context, input) {
    const { restoreHere } = await import('../store/restore-here.ts')
    const key = input.text('key')
    const restored = await withProgress(context.output, 'Restore', say =>
      restoreHere(context, {
        file: input.argument('file'),
        mayReplace: input.flag('replace'),
        ...(key === undefined ? {} : { keyFile: key }),
        say,
      }),
    )
    return report(context, restored)
  },
}

function report({ output }: Context, { manifest, aside, key }: Restored): Report {
  const { secrets, artifacts } = countEntries(manifest)
  const at = new Date(manifest.at).toISOString()
  const { style } = output
  const facts = [
    ['events', `${manifest.audit.events}, the last one ${manifest.audit.hash}`],
    ['secrets', secrets === 0 ? 'none' : `${secrets} versions${KEY_TEXTS[key]}`],
    ['artifacts', manifest.hasArtifacts ? String(artifacts) : 'not in this backup'],
    ...(aside === undefined ? [] : [['before', `kept in ${aside}`] as const]),
  ] as const
  return {
    json: { at, audit: manifest.audit, secrets, artifacts, key, ...(aside === undefined ? {} : { aside }) },
    lines: [
      `${style.good('✓')} The store is as it was at ${at}; its audit log holds.`,
      ...formatFacts(facts, style),
      'Look again at what was done since: tokens that were revoked then are valid now, freezes are gone.',
      'Next: `sluice up`; what was under way then goes on.',
    ],
  }
}

const KEY_TEXTS: Readonly<Record<Restored['key'], string>> = {
  none: '',
  present: ', and their key is here',
  missing: '; their key is missing: put it at .sluice/secrets.key (mode 600) before `sluice up`',
  other: '; .sluice/secrets.key is another key: put theirs there before `sluice up`',
}
