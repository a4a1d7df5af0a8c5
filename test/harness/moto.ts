import { type CommandResult, runCommand } from './command.ts'
import { freePorts } from './e2e-project.ts'
import { createLeash } from './leash.ts'

/** AWS's APIs answered on this machine by moto (a stand-in: it keeps state and checks little). */
export interface Moto {
  readonly url: string
  /** Variables that lead every AWS SDK, the AWS CLI and Terraform here, with keys that open nothing. */
  readonly env: Readonly<Record<string, string>>
  aws(...args: readonly string[]): Promise<CommandResult>
  stop(): Promise<void>
}

export const MOTO_INSTALL = "pip install 'moto[server]==5.2.1'"
export const AWS_CLI_INSTALL = 'pip install awscli'

export async function startMoto(region = 'ap-northeast-1'): Promise<Moto> {
  const leash = await createLeash('moto')
  const [port] = await freePorts(1)
  const server = leash.start({ program: 'moto_server', args: ['-H', '127.0.0.1', '-p', String(port)] })
  const url = `http://127.0.0.1:${port}`
  await server.ready(() => isUp(`${url}/moto-api/data.json`), 60)
  const env = {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
  }
  return {
    url,
    env,
    aws: (...args) => runCommand('aws', args, { env }),
    stop: () => leash.release(),
  }
}

async function isUp(url: string): Promise<boolean> {
  return fetch(url).then(
    answer => answer.ok,
    () => false,
  )
}
