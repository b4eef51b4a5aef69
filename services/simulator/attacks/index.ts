import type { Attack } from './attack.ts';
import { beacon } from './beacon.ts';
import { credentialTheft } from './credential-theft.ts';
import { denialOfService } from './denial-of-service.ts';
import { exfiltrationFast } from './exfiltration-fast.ts';
import { exfiltrationSlow } from './exfiltration-slow.ts';
import { insiderRamp } from './insider-ramp.ts';
import { lateralMovement } from './lateral-movement.ts';
import { logTampering } from './log-tampering.ts';
import { promptInjection } from './prompt-injection.ts';
import { rogueAgent } from './rogue-agent.ts';
import { scan } from './scan.ts';
import { scopeGrowth } from './scope-growth.ts';
import { shadowAgent } from './shadow-agent.ts';
import { tlsDowngrade } from './tls-downgrade.ts';
import { tokenReplay } from './token-replay.ts';
import { toolChange } from './tool-change.ts';
import { zoneCrossing } from './zone-crossing.ts';

/** The catalogue: behaviour that statistics must notice, then broken rules of zero trust. */
export const attacks: readonly Attack[] = [
  credentialTheft,
  lateralMovement,
  exfiltrationFast,
  exfiltrationSlow,
  beacon,
  scan,
  denialOfService,
  insiderRamp,
  promptInjection,
  rogueAgent,
  logTampering,
  tokenReplay,
  scopeGrowth,
  tlsDowngrade,
  zoneCrossing,
  shadowAgent,
  toolChange,
];
