import { appendFileSync, writeSync } from 'node:fs'
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts'
import { anEntry, aPromotion, aRelease, aRollout } from '../../src/store/store-fixtures.ts'

/** How often one promotion and its rollout change before the next release is made. */
const VERSIONS = 5

/**
 * Opens the store in the file and records until it is killed: release after release, each with a promotion and a rollout
 * that change together. A line is written once what it says is acknowledged, and one before the store is opened.
 */
const [file = '', journal = ''] = process.argv.slice(2)
say({ opening: true })
const store = await openSqliteStore({ file })
for (let number = await store.nextPromotionNumber('prod'); ; number += 1) {
  const release = aRelease(number)
  await store.record([{ kind: 'release', value: release }], [anEntry({ message: `release ${number}` })])
  say({ release: release.id })
  const promotion = aPromotion(release, { id: `prod-${number}` })
  for (let version = 1; version <= VERSIONS; version += 1) {
    const answer = await store.record(
      [
        { kind: 'promotion', value: { ...promotion, version } },
        { kind: 'rollout', value: aRollout(promotion, { version }) },
      ],
      ['promotion', 'rollout'].map(kind =>
        anEntry({ promotion: promotion.id, message: `${kind} ${version}`, data: { version } }),
      ),
    )
    if (answer !== 'recorded') throw new Error(`${promotion.id} version ${version}: ${answer}`)
    say({ promotion: promotion.id, version, sequence: await store.lastSequence() })
  }
}

function say(line: object): void {
  const text = `${JSON.stringify(line)}\n`
  // A file keeps what was said however the process ends; the pipe tells the test when to strike.
  appendFileSync(journal, text)
  writeSync(1, text)
}
