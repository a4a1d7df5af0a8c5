import type { ServiceSpec } from '../../model/service-spec.ts'
import { mountedFiles } from './mounted-files.ts'
import { logConfiguration, type TaskPlan } from './task-plan.ts'

/** In CPU units ("Task size", Amazon ECS task definition parameters). */
const SMALLEST_CPU = 128

/** The input of RegisterTaskDefinition ("Amazon ECS API Reference"). */
export function taskDefinition(plan: TaskPlan): object {
  const files = mountedFiles(plan)
  const isFargate = plan.capacity !== 'ec2'
  return {
    family: plan.family,
    networkMode: 'awsvpc',
    requiresCompatibilities: [isFargate ? 'FARGATE' : 'EC2'],
    // Amazon ECS knows no smaller share of an instance; on Fargate only pairs that it has get this far.
    cpu: String(Math.max(plan.spec.cpu, SMALLEST_CPU)),
    memory: String(plan.spec.memory),
    executionRoleArn: plan.executionRoleArn,
    taskRoleArn: plan.taskRoleArn,
    ...(isFargate ? { runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' } } : {}),
    volumes: [{ name: 'tmp' }, ...files.volumes],
    containerDefinitions: [...files.containers, serviceContainer(plan, files)],
    tags: Object.entries(plan.tags).map(([key, value]) => ({ key, value })),
  }
}

function serviceContainer(plan: TaskPlan, files: ReturnType<typeof mountedFiles>): object {
  const { spec, service } = plan
  return {
    name: service,
    image: plan.image,
    essential: true,
    ...(spec.command === undefined ? {} : { command: spec.command }),
    portMappings: [{ name: 'http', containerPort: spec.port, protocol: 'tcp', appProtocol: 'http' }],
    environment: environmentOf(spec),
    secrets: secretVariables(plan),
    readonlyRootFilesystem: true,
    // Programs that want to write have /tmp, which ends with the task.
    mountPoints: [{ sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false }, ...files.mountPoints],
    ...(files.containers.length === 0 ? {} : { dependsOn: files.dependsOn }),
    linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
    ...healthCheckOf(plan),
    stopTimeout: spec.graceSeconds,
    logConfiguration: logConfiguration(plan),
  }
}

/** What the process finds in its environment, sorted. */
function environmentOf({ config, port }: ServiceSpec): { readonly name: string; readonly value: string }[] {
  return Object.entries({ PORT: String(port), ...config })
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, value }))
}

/** Secrets that are variables; those that are files go to the container that writes files. */
function secretVariables({
  spec,
  secretArns,
}: TaskPlan): { readonly name: string; readonly valueFrom: string }[] {
  return spec.secrets.flatMap(({ name, as }) => {
    const valueFrom = secretArns[name]
    return valueFrom === undefined || as.kind !== 'variable' ? [] : [{ name: as.name, valueFrom }]
  })
}

function healthCheckOf({ spec, healthCommand }: TaskPlan): object {
  if (healthCommand === undefined) return {}
  const { periodSeconds, timeoutSeconds, failureThreshold, initialDelaySeconds } = spec.health.liveness
  return {
    healthCheck: {
      command: ['CMD', ...healthCommand],
      interval: within(periodSeconds, { min: 5, max: 300 }),
      timeout: within(timeoutSeconds, { min: 2, max: 60 }),
      retries: within(failureThreshold, { min: 1, max: 10 }),
      startPeriod: within(initialDelaySeconds, { min: 0, max: 300 }),
    },
  }
}

/** ECS refuses what is outside ("HealthCheck", Amazon ECS API Reference). */
function within(value: number, { min, max }: { readonly min: number; readonly max: number }): number {
  return Math.min(Math.max(value, min), max)
}
