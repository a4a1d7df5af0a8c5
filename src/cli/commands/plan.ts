import { join, resolve } from 'node:path'
import { UserError } from '../../model/user-error.ts'
import type { LoadedProject } from '../blueprint-file.ts'
import type { LeafCommand } from '../command.ts'
import type { Context } from '../context.ts'
import { WrongUse } from '../wrong-use.ts'

export const plan: LeafCommand = {
  name: 'plan',
  summary: 'Say what Terraform would change in an environment, and what would be lost',
  arguments: [
    {
      name: '<environment>',
      summary: 'or foundation/ENVIRONMENT, shared, organization: folders below terraform',
    },
  ],
  options: [
    {
      flags: '--out <folder>',
      summary: 'where the files were rendered',
      byDefault: 'the folder of the blueprint',
    },
    { flags: '--accept-loss <address>', summary: 'this resource may lose its data', several: true },
  ],
  examples: [
    'sluice plan prod # changes nothing; exit code 1 where data would be lost',
    'sluice plan foundation/prod # the bucket for states and the roles of prod',
    'sluice plan prod --json | jq ".stop[].address"',
    "sluice plan dev --accept-loss 'module.database[0].aws_db_instance.this'",
  ],
  async run(context, input) {
    const { loadProject } = await import('../blueprint-file.ts')
    const { whileWorking } = await import('../terminal/progress.ts')
    const { findTerraform } = await import('../plan/terraform-program.ts')
    const { makePlan } = await import('../plan/make-plan.ts')
    const { summarizePlan } = await import('../plan/plan-summary.ts')
    const { planLines } = await import('../views/plan-lines.ts')
    const project = await loadProject(context)
    const root = input.argument('environment')
    const out = input.text('out')
    const top = out === undefined ? project.folder : resolve(context.folder, out)
    const folder = await renderedFolder(context, { project, root, top })
    const program = findTerraform(context.environment)
    const { environment, signal, output } = context
    const read = await whileWorking(output, `${program} plan ${root}`, async say =>
      makePlan({ program, folder, environment, signal, say: patient(context, say) }),
    )
    const summary = summarizePlan(read, checkedAddresses(input.several('acceptLoss'), read))
    return {
      json: { root, folder, program, ...summary },
      lines: planLines(summary, { root, style: output.style }),
      exitCode: summary.stop.length === 0 ? 0 : 1,
    }
  },
}

/** Where nobody watches, a line now and then says that it goes on. */
function patient({ output, now }: Context, say: (line: string) => void): (line: string) => void {
  let toldAt = now()
  return line => {
    say(line)
    if (output.interactive || now() - toldAt < PATIENCE_MILLISECONDS) return
    toldAt = now()
    output.note(`  ${line}`)
  }
}

const PATIENCE_MILLISECONDS = 5000

/** The folder to plan, absolute; what Terraform would read there is what the blueprint says now. */
async function renderedFolder(
  context: Context,
  { project, root, top }: { readonly project: LoadedProject; readonly root: string; readonly top: string },
): Promise<string> {
  const { shownPath } = await import('../blueprint-file.ts')
  const { readFolder } = await import('../init/folder-reader.ts')
  const { placeToPlan } = await import('../plan/place-to-plan.ts')
  const { readRenderInput, renderSections } = await import('../render/render-input.ts')
  const { openOutputFolder } = await import('../render/output-folder.ts')
  const { findDeviations } = await import('../render/render-check.ts')
  const { STATE_WORDS } = await import('../views/render-lines.ts')
  const source = { blueprint: project.blueprint, reader: readFolder(project.folder), images: {} }
  const scope = { ecosystems: ['terraform'] } as const
  const all = await renderSections(await readRenderInput(source, scope), scope)
  const out = top === project.folder ? '' : ` --out ${shownPath(top, context)}`
  const place = placeToPlan(root, { blueprint: project.blueprint, paths: all.map(({ path }) => path) })
  const files = all.filter(
    ({ path }) => path.startsWith(`${place}/`) || path.startsWith('terraform/modules/'),
  )
  const rendering = {
    folder: openOutputFolder(top),
    files,
    // What stands beside them does not matter here.
    scope: { ecosystems: [] },
    wishes: { keep: [], overwrite: [] },
  }
  const deviations = await findDeviations(rendering)
  const paths = new Set(files.map(({ path }) => path))
  for (const { file } of deviations.filter(each => paths.has(each.file.path))) {
    if (file.state === 'missing' || file.state === 'stale') {
      throw new UserError(
        file.path,
        `it is ${STATE_WORDS[file.state].what}`,
        `run \`sluice render${out}\`, then plan again`,
      )
    }
    context.output.note(`${file.path}: ${file.state}; it is planned as it is`)
  }
  return join(top, place)
}

/** A slip of the pen must not look like a word for something else. */
function checkedAddresses(
  accepted: readonly string[],
  { resource_changes: changes }: { readonly resource_changes: readonly { readonly address: string }[] },
): readonly string[] {
  const known = changes.map(({ address }) => address)
  for (const address of accepted) {
    if (!known.includes(address)) {
      throw new WrongUse(
        `--accept-loss ${address}`,
        'the plan has no such resource',
        'name it as the plan does',
      )
    }
  }
  return accepted
}
