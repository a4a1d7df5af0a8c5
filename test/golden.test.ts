import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadBlueprint } from '../src/blueprint/load.ts'
import { readFolder } from '../src/cli/init/folder-reader.ts'
import { openOutputFolder } from '../src/cli/render/output-folder.ts'
import { findDeviations } from '../src/cli/render/render-check.ts'
import { readRenderInput, renderSections } from '../src/cli/render/render-input.ts'
import { ECOSYSTEMS } from '../src/render/rendered-file.ts'

/** The examples hold what is rendered from them: a change of a renderer shows in the diff of these files. */
describe.each(['shop', 'fleet'])('examples/%s', name => {
  it('holds what its blueprint renders to; if not, run `npm run -s sluice -- render` for it and read the diff', async () => {
    const example = fileURLToPath(new URL(`../examples/${name}`, import.meta.url))
    const loaded = await loadBlueprint(join(example, 'sluice.yaml'))
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 2))
    const source = { blueprint: loaded.blueprint, reader: readFolder(example), images: {} }
    const scope = { ecosystems: ECOSYSTEMS }
    const files = await renderSections(await readRenderInput(source), scope)
    const found = await findDeviations({
      folder: openOutputFolder(example),
      files,
      scope,
      wishes: { keep: [], overwrite: [] },
    })
    // The modules stand in terraform/modules already; a second copy would show nothing more.
    const shown = found.filter(({ file }) => !file.path.startsWith('terraform/modules/'))
    expect(
      shown.map(
        ({ file, diff }) => `${file.path}: ${file.state} ${diff.hunks[0]?.lines.slice(0, 12).join('\n')}`,
      ),
    ).toEqual([])
  })
})
