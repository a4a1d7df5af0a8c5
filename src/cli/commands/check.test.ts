import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/harness/file-tree.ts'
import { runCli } from '../testing/run-cli.ts'

it('annotates the lines of a pull request, by their path in the repository', async () => {
  const repository = await temporaryFolder()
  const folder = join(repository, 'deploy')
  await mkdir(folder)
  await writeFile(
    join(folder, 'sluice.yaml'),
    'project: shop\nservices: { web: { prt: 3 } }\nenvironments: { dev: {} }\n',
  )
  const environment = { GITHUB_WORKSPACE: repository }
  const { code, stdout } = await runCli(['check', '--format', 'github'], { folder, environment })
  expect(code).toBe(1)
  expect(stdout).toBe(
    '::error file=deploy/sluice.yaml,line=2,col=20,title=Sluice::services.web.prt: is unknown; did you mean port?\n',
  )
})
