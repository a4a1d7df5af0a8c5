import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Plugin } from 'esbuild'
import packageFile from '../../package.json' with { type: 'json' }
import { buildPackage } from '../../scripts/build-package.ts'

/** The package as users get it: built, packed, and installed in a folder of its own. */
export interface InstalledSluice {
  /** What node runs. */
  readonly program: string
  remove(): Promise<void>
}

/** `plugins` make another version of it. */
export async function installSluice(plugins: readonly Plugin[] = []): Promise<InstalledSluice> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-installed-'))
  const source = join(folder, 'source')
  const target = join(folder, 'target')
  await mkdir(target)
  await buildPackage(join(source, 'dist'), plugins)
  const { scripts: _scripts, devDependencies: _development, ...published } = packageFile
  await writeFile(join(source, 'package.json'), JSON.stringify(published))
  await npm(source, ['pack', '--ignore-scripts', '--pack-destination', folder])
  const archive = join(folder, `${published.name}-${published.version}.tgz`)
  await npm(target, ['install', '--prefer-offline', '--no-audit', '--no-fund', '--prefix', target, archive])
  return {
    program: join(target, 'node_modules', 'sluice', 'dist', 'sluice.js'),
    remove: () => rm(folder, { recursive: true }),
  }
}

async function npm(folder: string, words: readonly string[]): Promise<void> {
  await promisify(execFile)('npm', [...words], { cwd: folder })
}

/** The version after this one: it has a migration more, with which this one goes on working. */
export const withOneMoreMigration: Plugin = {
  name: 'one-more-migration',
  setup(builder) {
    builder.onLoad({ filter: /store\/migrations\/all-migrations\.ts$/ }, async ({ path }) => ({
      contents: `${await readFile(path, 'utf8')}\n${ONE_MORE}`,
      loader: 'ts',
    }))
  },
}

/** Widens what is used most, and fills it, while others work with it. */
const ONE_MORE = `
const present = MIGRATIONS.length;
(MIGRATIONS as Migration[]).push({
  version: present + 1,
  name: 'one-more',
  worksWith: present,
  async up(transaction, dialect) {
    for (const table of ['promotions', 'rollouts', 'audit_head', 'leases']) {
      await transaction.schema.alterTable(table).addColumn('one_more', dialect.integer).execute()
    }
    await transaction.schema.createIndex('one_more_index').on('promotions').column('one_more').execute()
    await transaction.schema.createTable('one_more_table').addColumn('id', dialect.integer).execute()
  },
})
`
