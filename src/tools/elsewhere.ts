export const elsewhere = 'leaves the node that was named'
