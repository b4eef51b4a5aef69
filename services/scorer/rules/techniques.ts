import type { Technique } from '#shared/alert.ts';

const attack = (id: string, name: string): Technique => ({ framework: 'ATT&CK', id, name });
const atlas = (id: string, name: string): Technique => ({ framework: 'ATLAS', id, name });

/** What broken rules hint at: MITRE ATT&CK 18 and ATLAS 2026.08. */
export const applicationAccessToken = attack(
  'T1550.001',
  'Use Alternate Authentication Material: Application Access Token',
);
export const stealToken = attack('T1528', 'Steal Application Access Token');
export const validAccounts = attack('T1078', 'Valid Accounts');
export const accountManipulation = attack('T1098', 'Account Manipulation');
export const adversaryInTheMiddle = attack('T1557', 'Adversary-in-the-Middle');
export const downgrade = attack('T1562.010', 'Impair Defenses: Downgrade Attack');
export const networkSniffing = attack('T1040', 'Network Sniffing');
export const remoteServices = attack('T1021', 'Remote Services');
export const masquerading = attack('T1036', 'Masquerading');
export const indicatorBlocking = attack('T1562.006', 'Impair Defenses: Indicator Blocking');
export const exploitRemoteServices = attack('T1210', 'Exploitation of Remote Services');
export const toolPoisoning = atlas('AML.T0110', 'AI Agent Tool Poisoning');
export const agentCommunication = atlas('AML.T0118', 'Autonomous AI Agent Communication');
