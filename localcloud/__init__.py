"""The embedded Alibaba Cloud: it answers and refuses as the documentation says, on a virtual clock, from one seed."""
