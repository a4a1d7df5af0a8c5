import type { Renderer } from '../rendered-file.ts'

export const renderDocker: Renderer = () => []
