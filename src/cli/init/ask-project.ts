import { nameFrom } from '../../blueprint/detect.ts'
import type { StarterOptions, StarterService } from '../../blueprint/starter.ts'
import type { Context } from '../context.ts'
import { askText, confirm } from '../terminal/ask.ts'

/** Shows what was found and asks for what is missing. */
export async function askProject(context: Context, found: StarterOptions): Promise<StarterOptions> {
  const project = nameFrom(await askText({ message: 'Name of the project', initial: found.project }))
  for (const { name, build, port } of found.services) {
    context.output.note(`  found ${name} in ${build}${port === undefined ? '' : `, port ${port}`}`)
  }
  if (found.services.length > 0 && (await confirm('Begin with these services?', { initial: true }))) {
    return { project, services: found.services }
  }
  return { project, services: await askServices() }
}

async function askServices(): Promise<readonly StarterService[]> {
  const services: StarterService[] = []
  do {
    const name = nameFrom(
      await askText({ message: 'Name of a service', initial: services.length === 0 ? 'web' : '' }),
    )
    const folder = await askText({ message: 'Its folder', initial: `./${name}` })
    const port = Number(await askText({ message: 'The port it listens on', initial: '3000' }))
    const build = folder.startsWith('.') ? folder : `./${folder}`
    services.push({ name, build, ...(Number.isInteger(port) ? { port } : {}), public: services.length === 0 })
  } while (await confirm('Another service?'))
  return services
}
