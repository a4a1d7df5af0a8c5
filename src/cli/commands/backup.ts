import type { Manifest } from '../../backup/manifest.ts'
import type { LeafCommand } from '../command.ts'
import { formatBytes } from '../terminal/bytes.ts'
import { withProgress } from '../terminal/progress.ts'
import { formatFacts } from '../terminal/table.ts'

export const backup: LeafCommand = {
  name: 'backup',
  summary: 'Write all that Sluice keeps into one file, while it runs',
  arguments: [{ name: '<file>', summary: 'where to; a file that is there is never replaced' }],
  options: [{ flags: '--no-artifacts', summary: 'leave out what releases are made of' }],
  examples: [
    'sluice backup sluice-monday.tar',
    'sluice backup sluice-monday.tar --no-artifacts # small: they can be built again from their commits',
  ],
  async run(context, input) {
    const { takeInto } = await import('../store/take-into.ts')
    const hasArtifacts = input.flag('artifacts')
    const taken = await withProgress(context.output, 'Take the backup', say =>
      takeInto(context, { file: input.argument('file'), hasArtifacts, say }),
    )
    const { manifest, file, bytes } = taken
    const { style } = context.output
    const { secrets, artifacts } = countEntries(manifest)
    return {
      json: {
        file,
        bytes,
        at: new Date(manifest.at).toISOString(),
        audit: manifest.audit,
        secrets,
        artifacts,
      },
      lines: [
        `${style.good('✓')} ${file} (${formatBytes(bytes)}) was read back, and its audit log holds.`,
        ...formatFacts(
          [
            ['events', `${manifest.audit.events}, the last one ${manifest.audit.hash}`],
            ['secrets', secretsText(secrets)],
            ['artifacts', hasArtifacts ? String(artifacts) : 'left out'],
          ],
          style,
        ),
        'To bring it back: `sluice restore FILE` in the folder of the blueprint.',
      ],
    }
  },
}

export function countEntries({ entries }: Manifest): {
  readonly secrets: number
  readonly artifacts: number
} {
  const below = (folder: string) => entries.filter(({ path }) => path.startsWith(`${folder}/`)).length
  return { secrets: below('secrets'), artifacts: below('artifacts') }
}

function secretsText(versions: number): string {
  if (versions === 0) return 'none'
  return `${versions} versions, encrypted; their key is not in it: keep a copy of .sluice/secrets.key elsewhere`
}
