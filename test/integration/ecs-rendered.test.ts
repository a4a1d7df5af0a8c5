import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadBlueprint } from '../../src/blueprint/load.ts'
import { resolveBlueprint } from '../../src/blueprint/resolve-blueprint.ts'
import { renderEcs } from '../../src/render/ecs/render-ecs.ts'
import type { RenderedFile } from '../../src/render/rendered-file.ts'
import { AWS_CLI_INSTALL, MOTO_INSTALL, type Moto, startMoto } from '../harness/moto.ts'
import { needs } from '../harness/needs.ts'

const present = needs('moto_server', MOTO_INSTALL) && needs('aws', AWS_CLI_INSTALL)
const VERBS: readonly [RegExp, readonly string[]][] = [
  [/task-definition\.json$/, ['ecs', 'register-task-definition']],
  [/service-(blue|green)\.json$/, ['ecs', 'create-service']],
  [/scaling-target\.json$/, ['application-autoscaling', 'register-scalable-target']],
  [/scaling-policy-.*\.json$/, ['application-autoscaling', 'put-scaling-policy']],
  [/scaling-schedule-.*\.json$/, ['application-autoscaling', 'put-scheduled-action']],
]

if (present)
  describe('what is rendered for Amazon ECS', () => {
    let moto: Moto
    let folder: string
    let files: readonly RenderedFile[]

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sluice-ecs-'))
      moto = await startMoto()
      const result = await loadBlueprint('examples/fleet/sluice.yaml')
      if (!result.ok) throw new Error('the example is refused')
      const blueprint = resolveBlueprint(result.blueprint)
      files = renderEcs({ blueprint, builds: {}, images: {}, modules: new Map() })
    }, 60_000)

    afterAll(async () => {
      await moto.stop()
      await rm(folder, { recursive: true })
    })

    const apply = async ({ path, text }: RenderedFile, command: readonly string[]) => {
      const file = join(folder, path.replaceAll('/', '_'))
      await writeFile(file, text())
      const result = await moto.aws(...command, '--cli-input-json', `file://${file}`, '--output', 'json')
      expect(result.stderr, path).toBe('')
      return JSON.parse(result.stdout || '{}')
    }

    it.for(['dev/web', 'dev/billing', 'prod/api', 'prod/billing'])(
      'is taken by the AWS CLI as it is: %s',
      {
        timeout: 120_000,
      },
      async service => {
        await moto.aws('ecs', 'create-cluster', '--cluster-name', `fleet-${service.split('/')[0]}`)
        const own = files.filter(({ path }) => path.startsWith(`ecs/${service}/`))
        expect(own.length).toBeGreaterThan(1)
        // In the order in which one thing needs the other.
        for (const [pattern, command] of VERBS)
          for (const file of own.filter(({ path }) => pattern.test(path))) await apply(file, command)
      },
    )

    it('registers the sizes of the environment', async () => {
      for (const [environment, cpu, memory, count] of [
        ['dev', '256', '512', 1],
        ['prod', '1024', '2048', 3],
      ] as const) {
        const told = async (...args: string[]) => JSON.parse((await moto.aws(...args)).stdout)
        const { taskDefinition } = await told(
          'ecs',
          'describe-task-definition',
          '--task-definition',
          `fleet-${environment}-billing`,
        )
        expect(taskDefinition).toMatchObject({ cpu, memory, networkMode: 'awsvpc' })
        const { services } = await told(
          'ecs',
          'describe-services',
          '--cluster',
          `fleet-${environment}`,
          '--services',
          'billing-blue',
        )
        expect(services[0].desiredCount).toBe(count)
      }
    })

    it('is refused by the same command when a field is not one of AWS', async () => {
      const [file] = files.filter(({ path }) => path === 'ecs/dev/web/task-definition.json')
      if (file === undefined) throw new Error('not rendered')
      const broken = join(folder, 'broken.json')
      await writeFile(broken, file.text().replace('"networkMode"', '"netMode"'))
      const result = await moto.aws('ecs', 'register-task-definition', '--cli-input-json', `file://${broken}`)
      expect(result.code).not.toBe(0)
      expect(result.stderr).toContain('netMode')
    })
  })
