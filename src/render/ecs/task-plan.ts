import type { ServiceSpec } from '../../model/service-spec.ts'

/** All that a task definition says; `image` by digest once a release is known. */
export interface TaskPlan {
  readonly family: string
  /** The container's name. */
  readonly service: string
  readonly spec: ServiceSpec
  readonly image: string
  readonly capacity: 'fargate' | 'fargate-spot' | 'ec2'
  readonly executionRoleArn: string
  readonly taskRoleArn: string
  readonly region: string
  readonly logGroup: string
  /** The ARN of each secret by its name, with `::VERSION` behind it where a release names one. */
  readonly secretArns: Readonly<Record<string, string>>
  /** Program and arguments that ask the container itself; without them only the load balancer asks. */
  readonly healthCommand?: readonly string[]
  readonly tags: Readonly<Record<string, string>>
}

/** Where the containers of a task write. */
export function logConfiguration({ logGroup, region, service }: TaskPlan): object {
  return {
    logDriver: 'awslogs',
    options: {
      'awslogs-group': logGroup,
      'awslogs-region': region,
      'awslogs-stream-prefix': service,
      // A task is never held up by its log; what does not fit into the buffer is lost.
      mode: 'non-blocking',
      'max-buffer-size': '25m',
    },
  }
}
