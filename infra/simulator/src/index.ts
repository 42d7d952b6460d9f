export { startSimulator, type Simulator } from './simulator.ts'
