"""What is made in the cloud, and how releases get there, held to the code: no cloud is needed."""
