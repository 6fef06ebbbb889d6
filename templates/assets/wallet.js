// Signing out at the test wallet goes on by itself where scripts run.
document.querySelector('button[data-goes-on]')?.click();
